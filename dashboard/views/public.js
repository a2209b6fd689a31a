// What a prefecture shows to everybody: readable without sign-in, by whoever has the link.

import { getOpen, Problem } from '../api.js'
import { fill, h } from '../dom.js'
import { figure, monthLong, score, share, unitOf } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { scrolling, table } from '../parts.js'
import { flagMark, legend, shape, statusMark, toneOf } from '../status.js'

/**
 * @typedef {Schema<'PublicPage'>} Page
 * @typedef {Schema<'ReleasedScorecard'>} Card
 * @typedef {Schema<'ReleasedStage'>} Stage
 * @typedef {Schema<'ReleasedText'>} ReleasedText
 */

const STAGES = /** @type {const} */ (['study', 'setup', 'attract', 'consult', 'refer', 'contract', 'revenue'])
/** Stands for a page that is not there, or not any more. */
const GONE = Symbol('gone')

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const path = `/v1/public/${encodeURIComponent(context.parameters.token ?? '')}`
  const load = async () => {
    try {
      return /** @type {Page} */ (await getOpen(path, signal))
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return GONE
      throw error
    }
  }
  context.setTitle(t('releases.title'))
  await live(context, load, page => {
    if (page === GONE) {
      context.setTitle(t('public.gone'))
      fill(outlet, gone())
      return
    }
    context.setTitle(textOf(page.title))
    fill(outlet, publicPage(page, h('button', { type: 'button', onclick: () => window.print() }, t('public.print'))))
  })
}

const gone = () =>
  h('div', { class: 'state', role: 'status' }, h('h1', null, t('public.gone')), h('p', null, t('public.gone.advice')))

/** A text in the reader's language, or in Japanese. @param {ReleasedText} text */
export const textOf = text => (language() === 'en' && text.en) || text.ja

/** The language that such a text is in, where it is not the page's. @param {ReleasedText} text */
const languageOf = text => (language() === 'en' && !text.en ? 'ja' : null)

/**
 * The page itself; officers see it before it is public.
 * @param {Page} page
 * @param {import('../dom.js').Child} [actions]
 */
export function publicPage(page, actions) {
  return h(
    'article',
    { class: 'public' },
    h(
      'header',
      { class: 'heading' },
      h('p', { class: 'quiet' }, named(page.prefecture.name)),
      h(
        'div',
        { class: 'heading-line' },
        h('h1', { lang: languageOf(page.title) }, textOf(page.title)),
        actions && h('div', { class: 'actions' }, actions),
      ),
      page.introduction &&
        h('p', { class: 'public-text', lang: languageOf(page.introduction) }, textOf(page.introduction)),
    ),
    page.scorecards.length === 0 ? emptyState(t('public.empty')) : [standing(page), details(page)].flat(),
  )
}

/** @param {Page} page */
function standing(page) {
  return [
    h(
      'p',
      { class: 'lead' },
      h('strong', null, t('public.as_of', { month: monthLong(page.month) })),
      ' ',
      t(page.approved_only ? 'public.approved' : 'public.reported'),
      ' ',
      t('public.explain'),
    ),
    h('section', { class: 'panel' }, h('h2', null, t('public.map')), legend(), heatMap(page), figures(page)),
  ]
}

/** The name of a scorecard with its hub's, where that is shown. @param {Card} card @param {Page} page */
function cardName(card, page) {
  if (card.hub) return `${named(card.name)}（${named(card.hub)}）`
  // Without hubs, several have the same name.
  const same = page.scorecards.filter(other => other.name.ja === card.name.ja)
  return same.length > 1 ? `${named(card.name)} ${same.indexOf(card) + 1}` : named(card.name)
}

/** @param {Page} page */
function heatMap(page) {
  const columns = STAGES.filter(code => page.scorecards.some(card => card.stages.some(({ stage }) => stage === code)))
  return scrolling(
    t('public.map'),
    h(
      'table',
      { class: 'heat heat-public' },
      h('caption', { class: 'sr-only' }, t('public.map')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('heat_map.scorecard')),
          columns.map(stage => h('th', { scope: 'col', class: 'heat-stage' }, word('stage', stage))),
          h('th', { scope: 'col' }, t('heat_map.month')),
        ),
      ),
      h(
        'tbody',
        null,
        page.scorecards.map(card =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, cardName(card, page)),
            columns.map(code => stageCell(card.stages.find(({ stage }) => stage === code))),
            h('td', { class: 'number' }, monthLong(card.month)),
          ),
        ),
      ),
    ),
  )
}

/** @param {Stage | undefined} stage */
function stageCell(stage) {
  if (!stage) return h('td', { class: 'cell tone-none' }, h('span', { class: 'sr-only' }, t('heat_map.no_stage')))
  return h(
    'td',
    { class: `cell tone-${toneOf(stage.status, stage.flag)}` },
    shape(stage.status),
    word('status.short', stage.status),
  )
}

/** The same with signals and scores, row by row. @param {Page} page */
function figures(page) {
  return h(
    'details',
    { class: 'figures' },
    h('summary', null, t('chart.table')),
    table(
      t('public.map'),
      [t('heat_map.scorecard'), t('public.stage'), t('item.status'), t('public.flag'), t('heat_map.score')],
      page.scorecards.flatMap(card =>
        card.stages.map(stage => [
          cardName(card, page),
          named(stage.name),
          statusMark(stage.status, stage.flag),
          flagMark(stage.flag),
          score(stage.score),
        ]),
      ),
    ),
  )
}

/** @param {Page} page */
function details(page) {
  if (page.detail !== 'items') return []
  return page.scorecards.map(card =>
    h(
      'section',
      { class: 'panel' },
      h('h2', null, cardName(card, page)),
      h('p', { class: 'quiet' }, t('public.as_of', { month: monthLong(card.month) })),
      table(
        `${t('public.items')} ${cardName(card, page)}`,
        [
          t('item.name'),
          t('item.status'),
          t('item.plan'),
          t('item.actual'),
          t('public.target'),
          t('public.attainment'),
          t('public.reason'),
        ],
        card.stages.flatMap(stage => (stage.items ?? []).map(item => itemRow(stage, item))),
        'public-items',
      ),
    ),
  )
}

/** @param {Stage} stage @param {Schema<'ReleasedItem'>} item */
function itemRow(stage, item) {
  const shown = (/** @type {number | null | undefined} */ value) =>
    h('span', { class: 'number' }, figure(value, item.unit, item.measure))
  const unit = item.unit === 'JPY' || item.measure === 'milestone' ? '' : unitOf(item.unit)
  return [
    [
      named(item.name),
      h('span', { class: 'quiet block' }, unit ? `${named(stage.name)} / ${unit}` : named(stage.name)),
    ],
    // A flag is a stage's; what is behind is so in one colour.
    statusMark(item.status, 'none'),
    shown(item.plan),
    shown(item.actual),
    shown(item.target),
    share(item.attainment),
    item.reason[language()],
  ]
}
