// Beyond the plan: whether the hub pays for itself, where it stands among its peers, what was
// corrected since, and whether what was revised has worked. Each part loads when it is opened.

import { get } from '../api.js'
import { fill, h, s } from '../dom.js'
import { day, dayFromToday, figure, moment, money, monthLong, rate, share } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { asKnown, keepKnown, knownAt } from '../known_at.js'
import { emptyState, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { factRow, field, foldable, form, table } from '../parts.js'
import { shape, statusMark } from '../status.js'
import { itemsOf, scorecardHead } from './scorecards.js'

/**
 * @typedef {import('../live.js').Context} Context
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Map<string, Item>} Items
 * @typedef {(place: HTMLElement, base: string, card: Scorecard) => void} Part
 */

/** Corrections are looked for since so many days ago, unless another day is chosen. */
const RESTATED_DAYS = 90

/** @param {number | null | undefined} value @returns {value is number} */
const isGiven = value => value !== null && value !== undefined

/** @param {Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  const month = query.get('month')
  const top = h('div', { class: 'stack' })
  let drawn = ''
  await live(
    context,
    () => get(asKnown(`${base}${month ? `?month=${encodeURIComponent(month)}` : ''}`), signal),
    (/** @type {Scorecard} */ card) => {
      context.setTitle(`${t('tab.comparison')} ${named(card.name)}`)
      fill(top, scorecardHead(card, 'comparison'), h('p', { class: 'lead' }, t('comparison.lead')))
      if (drawn === card.month) return
      drawn = card.month
      const part = (
        /** @type {'funding' | 'peers' | 'restatements' | 'effects'} */ name,
        /** @type {Part} */ show,
        isOpen = false,
      ) => opened(t(`comparison.${name}`), place => show(place, base, card), isOpen)
      fill(
        outlet,
        top,
        part('funding', (...given) => void funding(context, ...given), true),
        part('peers', (...given) => void peers(context, ...given)),
        part('restatements', (...given) => void restatements(context, ...given)),
        part('effects', (...given) => void effects(context, ...given)),
      )
    },
  )
}

/** A part that is loaded when it is opened for the first time. @param {string} title @param {(place: HTMLElement) => void} load @param {boolean} isOpen */
function opened(title, load, isOpen) {
  const place = h('div', { class: 'stack' })
  const element = foldable(title, place, { open: isOpen })
  let isLoaded = false
  const toggle = () => {
    if (isLoaded || !element.open) return
    isLoaded = true
    load(place)
  }
  element.addEventListener('toggle', toggle)
  toggle()
  return element
}

/** @param {Context} context @param {HTMLElement} place @param {string} base @param {Scorecard} card */
async function funding(context, place, base, card) {
  let tried = ''
  const answer = h('div', { class: 'stack' })
  const path = () => asKnown(`${base}/funding?month=${card.month}${tried && `&operating_cost=${tried}`}`)
  /** @type {(() => Promise<void>) | null} */
  let refresh = null
  const cost = h('input', { type: 'text', name: 'operating_cost', inputMode: 'numeric', autocomplete: 'off' })
  const attempt = form(field(t('funding.try'), cost, t('funding.try.hint')), t('funding.try.submit'), async values => {
    tried = (values.operating_cost ?? '').normalize('NFKC').replace(/[^\d]/g, '')
    if (tried) await get(path(), context.signal)
    await refresh?.()
  })
  attempt.classList.add('inline')
  fill(place, answer, attempt)
  refresh = await live(
    { ...context, outlet: answer },
    () => get(path(), context.signal),
    (/** @type {Schema<'Funding'>} */ found) => fill(answer, fundingFigures(found, tried !== '')),
  )
}

/** @param {Schema<'Funding'>} found @param {boolean} isTried */
function fundingFigures(found, isTried) {
  const { coverage_expected: expected, coverage_to_date: soFar, operating_cost: cost, gap } = found
  return [
    h('p', null, found.summary ? found.summary[language()] : t('funding.unknown'), ' ', selfSufficient(found)),
    isTried && h('p', { class: 'notice' }, t('funding.tried')),
    isGiven(expected) && coverageBar(soFar ?? 0, expected),
    isGiven(expected) && h('p', { class: 'quiet' }, t('funding.bar.key')),
    factRow([
      [t('funding.coverage_expected'), share(expected)],
      [t('funding.coverage_to_date'), share(soFar)],
      [t('funding.to_date'), isGiven(found.to_date) ? money(found.to_date) : '–'],
      [t('funding.expected'), isGiven(found.expected) ? money(found.expected) : '–'],
      [t('funding.cost'), cost ? money(cost.value) : t('funding.cost.unknown')],
      isGiven(gap) && [t(gap > 0 ? 'funding.gap' : 'funding.spare'), money(Math.abs(gap))],
    ]),
    ...found.missing.map(reason => h('p', { class: 'notice' }, reason[language()])),
    found.provisional && h('p', { class: 'quiet' }, t('funding.provisional')),
    found.incomes.length > 0 &&
      table(
        t('funding.incomes'),
        [t('funding.income'), t('funding.to_date'), t('item.target'), t('funding.expected')],
        found.incomes.map(income => [
          h(
            'a',
            { href: keepKnown(`/scorecards/${income.scorecard}/items/${income.item}?month=${found.month}`) },
            named(income.name),
          ),
          isGiven(income.to_date) ? money(income.to_date) : '–',
          isGiven(income.target) ? money(income.target) : '–',
          isGiven(income.expected) ? money(income.expected) : (income.not_expected?.[language()] ?? '–'),
        ]),
        'cards',
      ),
    found.left_out.length > 0 &&
      h(
        'p',
        { class: 'quiet' },
        t('funding.left_out', { names: found.left_out.map(one => named(one.name)).join(t('list.and')) }),
      ),
  ]
}

/** @param {Schema<'Funding'>} found */
function selfSufficient({ self_sufficient: isSo }) {
  if (isSo === true) return h('span', { class: 'status tone-good' }, shape('achieved'), t('funding.self_sufficient'))
  if (isSo === false) return h('span', { class: 'status tone-amber' }, shape('behind'), t('funding.not_yet'))
  return null
}

/** Income to date and expected, over the cost of a year. @param {number} soFar @param {number} expected */
function coverageBar(soFar, expected) {
  const most = Math.max(1, expected, soFar)
  const width = (/** @type {number} */ value) => `${(value / most) * 100}`
  return s(
    'svg',
    {
      class: 'coverage-bar',
      viewBox: '0 0 100 10',
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': t('funding.bar', { soFar: share(soFar), expected: share(expected) }),
    },
    s('rect', { class: 'coverage-ground', width: 100, height: 10 }),
    s('rect', { class: 'coverage-expected', width: width(expected), height: 10 }),
    s('rect', { class: 'coverage-done', width: width(soFar), height: 10 }),
    s('path', { class: 'coverage-cost', d: `M${width(1)} 0V10`, 'vector-effect': 'non-scaling-stroke' }),
  )
}

/** @param {Context} context @param {HTMLElement} place @param {string} base @param {Scorecard} card */
async function peers(context, place, base, card) {
  const items = new Map(itemsOf(card).map(item => [item.key, item]))
  await live(
    { ...context, outlet: place },
    () => get(asKnown(`${base}/peers?month=${card.month}`), context.signal),
    (/** @type {Schema<'Peers'>} */ found) => fill(place, peerFigures(found, items)),
  )
}

/** @param {Schema<'Peers'>} found @param {Items} items */
function peerFigures(found, items) {
  const about = h(
    'p',
    null,
    t('peers.lead', {
      template: found.template ? word('template', found.template) : '–',
      market: word('market_type', found.market_type),
      month: found.programme_month,
      hubs: found.hubs,
    }),
  )
  if (found.withheld) return [about, h('p', { class: 'notice' }, found.withheld[language()])]
  const names = (/** @type {string[]} */ keys) =>
    keys.map(key => named(items.get(key)?.name) || key).join(t('list.and'))
  /** @param {Schema<'PeerItem'> | Schema<'PeerLink'>} one @param {(value: number | null | undefined) => string} show */
  const cells = (one, show) => [
    h('strong', { class: 'nowrap' }, show(one.own)),
    one.withheld
      ? h('span', { class: 'quiet' }, t('peers.withheld', { min: found.hubs_min }))
      : [quartiles(one, show), strip(one)],
    isGiven(one.rank) ? h('span', { class: 'nowrap' }, t('peers.rank', { rank: one.rank, hubs: one.hubs })) : '–',
  ]
  const heads = [t('peers.own'), t('peers.quartiles'), t('peers.place')]
  return [
    about,
    h('p', { class: 'quiet' }, t('peers.key')),
    found.links.length > 0 && [
      h('h3', null, t('peers.links')),
      table(
        t('peers.links'),
        [t('peers.link'), ...heads],
        found.links.map(link => [
          `${names(link.from)} → ${names(link.to)}`,
          ...cells(link, value => rate(value, items.get(link.to[0] ?? '')?.unit)),
        ]),
        'cards',
      ),
    ],
    h('h3', null, t('peers.items')),
    table(
      t('peers.items'),
      [t('item.name'), ...heads],
      found.items.map(item => [named(item.name), ...cells(item, value => share(value))]),
      'cards',
    ),
  ].flat()
}

/** @param {Schema<'PeerItem'> | Schema<'PeerLink'>} one @param {(value: number | null | undefined) => string} show */
const quartiles = (one, show) =>
  isGiven(one.median)
    ? t('peers.range', { low: show(one.lower_quartile), median: show(one.median), high: show(one.upper_quartile) })
    : '–'

/** The middle half of the hubs as a bar, the middle as a line, the own hub as a point. @param {Schema<'PeerItem'> | Schema<'PeerLink'>} one */
function strip({ own, lower_quartile: low, median, upper_quartile: high }) {
  if (!isGiven(low) || !isGiven(median) || !isGiven(high)) return null
  const values = [low, high, own ?? median]
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const x = (/** @type {number} */ value) => (most === least ? 60 : 6 + ((value - least) / (most - least)) * 108)
  return s(
    'svg',
    { class: 'peer-strip', viewBox: '0 0 120 14', 'aria-hidden': 'true' },
    s('path', { class: 'peer-line', d: 'M2 7H118' }),
    s('rect', { class: 'peer-middle', x: x(low), y: 2, width: Math.max(x(high) - x(low), 2), height: 10 }),
    s('path', { class: 'peer-median', d: `M${x(median)} 1V13` }),
    isGiven(own) && s('circle', { class: 'peer-own', cx: x(own), cy: 7, r: 4.5 }),
  )
}

/** @param {Context} context @param {HTMLElement} place @param {string} base @param {Scorecard} card */
async function restatements(context, place, base, card) {
  if (knownAt()) {
    fill(place, h('p', { class: 'quiet' }, t('restatements.now_only')))
    return
  }
  const items = new Map(itemsOf(card).map(item => [item.key, item]))
  const answer = h('div', { class: 'stack' })
  const from = h('input', {
    type: 'date',
    name: 'from',
    required: true,
    value: dayFromToday(-RESTATED_DAYS),
    max: dayFromToday(-1),
  })
  const to = h('input', { type: 'date', name: 'to', max: dayFromToday(-1) })
  let shown = new AbortController()
  const ask = async () => {
    shown.abort()
    shown = new AbortController()
    const signal = AbortSignal.any([context.signal, shown.signal])
    const asked = new URLSearchParams({ from: `${from.value}T00:00:00+09:00` })
    if (to.value) asked.set('to', `${to.value}T23:59:59.999999+09:00`)
    /** @type {ReturnType<typeof pages<Schema<'Restatement'>>>} */
    const paged = pages(`${base}/restatements?${asked}`, signal)
    const refresh = await live({ ...context, outlet: answer, signal }, paged.load, found => {
      const { counts } = /** @type {Schema<'RestatementList'>} */ (found.first)
      fill(
        answer,
        found.items.length === 0
          ? emptyState(t('restatements.empty'))
          : [
              h(
                'p',
                null,
                t('restatements.counts', {
                  restatements: counts.restatements,
                  months: counts.months,
                  items: counts.items,
                  status: counts.status,
                }),
              ),
              restatementTable(found.items, items),
            ],
        pageEnd(found, paged, answer, () => refresh()),
      )
    })
  }
  const choose = form(
    [field(t('restatements.from'), from), field(t('restatements.to'), to)],
    t('restatements.show'),
    ask,
  )
  choose.classList.add('inline')
  fill(place, h('p', null, t('restatements.lead')), choose, answer)
  await ask()
}

/** @param {Schema<'Restatement'>[]} found @param {Items} items */
function restatementTable(found, items) {
  const answered = (
    /** @type {Schema<'AnsweredItem'> | null | undefined} */ one,
    /** @type {Item | undefined} */ item,
  ) =>
    one
      ? [
          statusMark(one.status, one.flag),
          h(
            'span',
            { class: 'block' },
            t('map.figures', {
              actual: figure(one.actual, item?.unit, item?.measure),
              plan: figure(one.plan, item?.unit, item?.measure),
            }),
          ),
        ]
      : t('restatements.gone')
  return table(
    t('comparison.restatements'),
    [t('item.month'), t('item.name'), t('history.before'), t('history.after'), t('restatements.why')],
    found.map(one => {
      const item = items.get(one.item)
      return [
        monthLong(one.month),
        named(one.item_name),
        answered(one.before, item),
        answered(one.after, item),
        h(
          'ul',
          null,
          one.causes.map(cause =>
            h(
              'li',
              null,
              h('strong', null, word('restatement', cause.kind)),
              ` ${monthLong(cause.month)} `,
              h('span', { class: 'quiet' }, `${cause.by} ${moment(cause.at)}`),
              cause.note && h('span', { class: 'block' }, cause.note),
            ),
          ),
        ),
      ]
    }),
    'cards',
  )
}

/** @type {Record<string, [string, string]>} */
const VERDICTS = { better: ['good', 'achieved'], no_better: ['amber', 'behind'], undecided: ['idle', 'not_due'] }

/** @param {string} verdict */
function verdictMark(verdict) {
  const [tone, mark] = VERDICTS[verdict] ?? ['idle', 'untargeted']
  return h('span', { class: `status tone-${tone}` }, shape(mark ?? ''), word('verdict', verdict))
}

/** @param {Context} context @param {HTMLElement} place @param {string} base @param {Scorecard} card */
async function effects(context, place, base, card) {
  const items = new Map(itemsOf(card).map(item => [item.key, item]))
  await live(
    { ...context, outlet: place },
    () => get(asKnown(`${base}/effects`), context.signal),
    (/** @type {Schema<'Effects'>} */ found) =>
      fill(
        place,
        h('p', null, t('effects.lead')),
        h('h3', null, t('effects.items')),
        found.items.length === 0
          ? h('p', { class: 'quiet' }, t('effects.none'))
          : h(
              'ul',
              { class: 'effects' },
              found.items.map(effect => effectEntry(effect, items)),
            ),
        h('h3', null, t('effects.responses')),
        found.responses.length === 0
          ? h('p', { class: 'quiet' }, t('effects.no_responses'))
          : responseTable(found.responses, items),
      ),
  )
}

/** @param {Schema<'Effect'>} effect @param {Items} items */
function effectEntry(effect, items) {
  const names = (/** @type {string[]} */ keys) =>
    keys.map(key => named(items.get(key)?.name) || key).join(t('list.and'))
  const side = (/** @type {Schema<'EffectSide'>} */ one, /** @type {string | undefined} */ unit) =>
    one.months === 0
      ? '–'
      : t('effects.side', {
          rate: rate(one.rate, unit),
          from: monthLong(one.from_month),
          to: monthLong(one.to_month),
          months: one.months,
        })
  return h(
    'li',
    null,
    h(
      'p',
      null,
      verdictMark(effect.verdict),
      ' ',
      h('strong', null, named(effect.item_name)),
      ' ',
      h(
        'span',
        { class: 'quiet' },
        t('effects.since', { version: effect.version, month: monthLong(effect.effective_month) }),
      ),
    ),
    h('p', null, effect.words[language()]),
    effect.comparisons.length > 0 &&
      table(
        named(effect.item_name),
        [t('peers.link'), t('effects.before'), t('effects.after'), t('effects.verdict')],
        effect.comparisons.map(one => {
          const unit = items.get(one.to[0] ?? '')?.unit
          return [
            `${names(one.from)} → ${names(one.to)}`,
            side(one.before, unit),
            side(one.after, unit),
            [verdictMark(one.verdict), h('span', { class: 'quiet block' }, one.words[language()])],
          ]
        }),
        'cards',
      ),
  )
}

/** @param {Schema<'AlertResponse'>[]} responses @param {Items} items */
function responseTable(responses, items) {
  return table(
    t('effects.responses'),
    [t('item.name'), t('alerts.opened'), t('effects.action'), t('effects.to_action'), t('effects.recovery')],
    responses.map(one => [
      h('a', { href: `/alerts/${one.alert}` }, named(items.get(one.item)?.name) || one.item),
      monthLong(one.opened_month),
      one.action
        ? [word('effects.did', one.action), h('span', { class: 'quiet block' }, day(one.action_at))]
        : t('effects.no_action'),
      isGiven(one.days_to_action) ? t('effects.days', { days: one.days_to_action }) : '–',
      one.recovered_month
        ? t('effects.recovered', { month: monthLong(one.recovered_month), months: one.months_to_recovery ?? 0 })
        : t('effects.not_recovered'),
    ]),
    'cards',
  )
}
