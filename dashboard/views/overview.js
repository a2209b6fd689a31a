// The front page: every scorecard that the caller sees, stage by stage, worst in sight.

import { get } from '../api.js'
import { heatMap, matrix } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { addMonths, lastEndedMonth, monthLong } from '../format.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { choice, heading } from '../parts.js'
import { go, withQuery } from '../router.js'
import { me } from '../session.js'
import { FLAG_RANK, flagMark, legend } from '../status.js'

/**
 * @typedef {Schema<'OverviewScorecard'>} Card
 * @typedef {import('../i18n.js').WordKey} WordKey
 */

const SORTS = /** @type {const} */ (['place', 'worst', 'score', 'coverage', 'change'])
const STAGES = /** @type {const} */ (['study', 'setup', 'attract', 'consult', 'refer', 'contract', 'revenue'])
/** From so many scorecards on, the nation is first shown by prefecture and template. */
const MATRIX_FROM = 60

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('overview.title'))
  const sort = query.get('sort') ?? 'place'
  const load = async () => {
    /** @type {Schema<'Overview'>} */
    const now = await get('/v1/overview', signal)
    if (sort !== 'change') return [now, null]
    const month = addMonths(latest(now), -1)
    /** @type {Schema<'Overview'>} */
    const before = await get(`/v1/overview?month=${month}`, signal)
    return [now, before]
  }
  await live(context, load, ([now, before]) => {
    if (now) draw(outlet, query, now, before ?? null)
  })
}

/** The latest month that anybody has reported. @param {Schema<'Overview'>} overview */
function latest(overview) {
  return (
    overview.scorecards
      .map(card => card.month)
      .sort()
      .at(-1) ?? lastEndedMonth()
  )
}

/** @param {HTMLElement} outlet @param {URLSearchParams} query @param {Schema<'Overview'>} now @param {Schema<'Overview'> | null} before */
function draw(outlet, query, now, before) {
  const role = me()?.role ?? ''
  if (now.scorecards.length === 0) {
    fill(outlet, heading(t('overview.title')), emptyState(t('overview.empty')))
    return
  }
  const changes = before ? changesOf(now, before) : null
  const cards = sorted(filtered(now.scorecards, query), query.get('sort') ?? 'place', changes)
  const isMatrix = (query.get('view') ?? (now.scorecards.length > MATRIX_FROM ? 'matrix' : 'stages')) === 'matrix'
  fill(
    outlet,
    heading(t('overview.title'), {
      lead: t('overview.lead', { month: monthLong(latest(now)), count: now.scorecards.length }),
    }),
    tiles(now.scorecards),
    role === 'hub' && toEnter(now.scorecards),
    controls(now.scorecards, query, isMatrix),
    legend(),
    cards.length === 0
      ? emptyState(t('overview.none_left'), h('a', { href: '/' }, t('overview.show_all')))
      : isMatrix
        ? matrix(cards, query.get('sort') ?? 'place')
        : heatMap(cards, { sort: query.get('sort') ?? 'place', changes }),
  )
}

/** @param {Card[]} cards */
function tiles(cards) {
  const count = (/** @type {string} */ flag) => cards.filter(card => card.flag === flag).length
  const current = new URLSearchParams(location.search).get('flag')
  const tile = (/** @type {string} */ flag) =>
    h(
      'a',
      {
        class: `tile tone-edge-${flag}`,
        href: withQuery({ flag: current === flag ? null : flag }),
        'aria-current': current === flag ? 'true' : null,
        'data-focus': `tile-${flag}`,
      },
      flagMark(flag),
      h('strong', null, String(count(flag))),
      h('span', { class: 'quiet' }, t('overview.scorecards')),
    )
  const incomplete = cards.filter(card => (card.coverage ?? 1) < 1).length
  return h(
    'div',
    { class: 'tiles' },
    tile('red'),
    tile('amber'),
    tile('none'),
    h(
      'div',
      { class: 'tile' },
      h('span', null, t('overview.incomplete')),
      h('strong', null, String(incomplete)),
      h('span', { class: 'quiet' }, t('overview.scorecards')),
    ),
  )
}

/** What a hub has to do next. @param {Card[]} cards */
function toEnter(cards) {
  const month = lastEndedMonth()
  return h(
    'section',
    { class: 'tasks' },
    h('h2', null, t('overview.tasks')),
    h(
      'ul',
      null,
      cards.map(card =>
        h(
          'li',
          null,
          h(
            'a',
            { class: 'button', href: `/scorecards/${card.id}/actuals/${month}` },
            t('overview.enter', { month: monthLong(month) }),
          ),
          h('span', null, named(card.name)),
          (card.month < month || (card.coverage ?? 0) < 1) &&
            h('span', { class: 'chip chip-required' }, t(card.month < month ? 'overview.not_yet' : 'overview.partly')),
        ),
      ),
    ),
  )
}

/** @param {Card[]} cards @param {URLSearchParams} query @param {boolean} isMatrix */
function controls(cards, query, isMatrix) {
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) => go(withQuery({ [name]: value || null }))
  const prefectures = distinct(
    cards.map(card => /** @type {[string, string]} */ ([card.prefecture.code, named(card.prefecture.name)])),
  )
  const templates = distinct(
    cards.map(card => /** @type {[string, string]} */ ([card.template ?? card.key, named(card.name)])),
  )
  const labelled = (/** @type {WordKey} */ key, /** @type {HTMLSelectElement} */ select) => {
    select.dataset.focus = select.name
    return h('label', { class: 'control' }, h('span', null, t(key)), select)
  }
  return h(
    'div',
    { class: 'controls' },
    prefectures.length > 1 &&
      h(
        'div',
        { class: 'segments', role: 'group', 'aria-label': t('overview.view') },
        ['stages', 'matrix'].map(view =>
          h(
            'a',
            {
              href: withQuery({ view }),
              'aria-current': (view === 'matrix') === isMatrix ? 'true' : null,
              'data-focus': `view-${view}`,
            },
            word('overview.view', view),
          ),
        ),
      ),
    labelled(
      'overview.sort',
      choice(
        'sort',
        SORTS.map(sort => [sort, word('overview.sort', sort)]),
        query.get('sort') ?? 'place',
        set('sort'),
      ),
    ),
    prefectures.length > 1 &&
      labelled(
        'overview.prefecture',
        choice(
          'prefecture',
          [['', t('overview.all')], ...prefectures],
          query.get('prefecture') ?? '',
          set('prefecture'),
        ),
      ),
    templates.length > 1 &&
      labelled(
        'overview.template',
        choice('template', [['', t('overview.all')], ...templates], query.get('template') ?? '', set('template')),
      ),
  )
}

/** @param {[string, string][]} pairs */
const distinct = pairs => [...new Map(pairs)].sort(([a], [b]) => (a < b ? -1 : 1))

/** @param {Card[]} cards @param {URLSearchParams} query */
function filtered(cards, query) {
  const [flag, prefecture, template] = ['flag', 'prefecture', 'template'].map(name => query.get(name))
  return cards.filter(
    card =>
      (!flag || card.flag === flag) &&
      (!prefecture || card.prefecture.code === prefecture) &&
      (!template || (card.template ?? card.key) === template),
  )
}

/** @type {Record<string, number>} */
const WORSE = {
  behind: 4,
  no_data: 3,
  at_risk: 2,
  on_track: 1,
  achieved: 0,
  not_due: 0,
  untargeted: 0,
  not_applicable: 0,
}

/** How bad the stages of a scorecard are together. @param {Card} card */
function severity(card) {
  return STAGES.reduce((sum, stage) => {
    const cell = card.stages[stage]
    return cell ? sum + (WORSE[cell.status] ?? 0) + (cell.flag === 'red' ? 6 : 0) : sum
  }, 0)
}

/** By scorecard, how much worse it is than a month before. @param {Schema<'Overview'>} now @param {Schema<'Overview'>} before */
function changesOf(now, before) {
  const known = new Map(before.scorecards.map(card => [card.id, severity(card)]))
  return new Map(now.scorecards.map(card => [card.id, severity(card) - (known.get(card.id) ?? severity(card))]))
}

/** @param {Card[]} cards @param {string} sort @param {Map<string, number> | null} changes */
function sorted(cards, sort, changes) {
  const last = Number.POSITIVE_INFINITY
  /** @type {Record<string, (card: Card) => number>} */
  const keys = {
    worst: card => (FLAG_RANK[card.flag] ?? 3) * 1000 - severity(card),
    score: card => card.score ?? last,
    coverage: card => card.coverage ?? last,
    change: card => -(changes?.get(card.id) ?? 0),
  }
  const key = keys[sort]
  // The API's order is by place already.
  return key ? cards.toSorted((a, b) => key(a) - key(b)) : cards
}
