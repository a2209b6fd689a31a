// Heat maps. They are tables: each cell has its colour, its shape and its word.

import { h } from '../dom.js'
import { monthLong, score, share } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { scrolling } from '../parts.js'
import { FLAG_RANK, shape, toneOf } from '../status.js'

/** @typedef {Schema<'OverviewScorecard'>} Card */

const STAGES = /** @type {const} */ (['study', 'setup', 'attract', 'consult', 'refer', 'contract', 'revenue'])

/** A hub's name without what all of them have in common. @param {Schema<'Named'>} hub */
export const hubName = hub => named(hub.name).replace('プロフェッショナル人材戦略拠点', '拠点')

/**
 * Scorecard by stage.
 * @param {Card[]} cards
 * @param {{sort: string, changes: Map<string, number> | null}} options
 */
export function heatMap(cards, { sort, changes }) {
  /** @param {string} column */
  const order = column => (column === sort ? 'ascending' : null)
  const columns = STAGES.filter(stage => cards.some(card => card.stages[stage]))
  return scrolling(
    t('heat_map.label'),
    h(
      'table',
      { class: 'heat' },
      h('caption', { class: 'sr-only' }, t('heat_map.label')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col', rowSpan: 2, 'aria-sort': order('place') }, t('heat_map.scorecard')),
          perspectives(columns).map(([perspective, span]) =>
            h('th', { scope: 'colgroup', colSpan: span, class: 'heat-lane' }, word('perspective', perspective)),
          ),
          changes && h('th', { scope: 'col', rowSpan: 2, 'aria-sort': order('change') }, t('heat_map.change')),
          h('th', { scope: 'col', rowSpan: 2, 'aria-sort': order('score') }, t('heat_map.score')),
          h('th', { scope: 'col', rowSpan: 2, 'aria-sort': order('coverage') }, t('heat_map.coverage')),
          h('th', { scope: 'col', rowSpan: 2 }, t('heat_map.month')),
        ),
        h(
          'tr',
          null,
          columns.map(stage => h('th', { scope: 'col', class: 'heat-stage' }, word('stage', stage))),
        ),
      ),
      h(
        'tbody',
        null,
        cards.map(card =>
          h(
            'tr',
            null,
            h(
              'th',
              { scope: 'row' },
              h('a', { href: `/scorecards/${card.id}`, 'data-focus': card.id }, named(card.name)),
              h(
                'span',
                { class: 'quiet' },
                `${named(card.prefecture.name)} ${hubName(card.hub).replace(named(card.prefecture.name), '')}`,
              ),
            ),
            columns.map(stage => stageCell(card.stages[stage])),
            changes && h('td', { class: 'number' }, changeText(changes.get(card.id) ?? 0)),
            h('td', { class: 'number' }, score(card.score)),
            h('td', { class: 'number' }, share(card.coverage)),
            h('td', { class: 'number' }, monthLong(card.month)),
          ),
        ),
      ),
    ),
  )
}

/** @type {Record<string, string>} */
const PERSPECTIVE = {
  study: 'learning',
  setup: 'process',
  attract: 'customer',
  consult: 'customer',
  refer: 'customer',
  contract: 'customer',
  revenue: 'financial',
}

/** The perspectives of some stages, with how many of them each has. @param {readonly string[]} stages */
function perspectives(stages) {
  /** @type {Map<string, number>} */
  const spans = new Map()
  for (const stage of stages) {
    const perspective = PERSPECTIVE[stage] ?? ''
    spans.set(perspective, (spans.get(perspective) ?? 0) + 1)
  }
  return [...spans]
}

/** @param {Schema<'StageCell'> | null | undefined} cell */
function stageCell(cell) {
  if (!cell) return h('td', { class: 'cell tone-none' }, h('span', { class: 'sr-only' }, t('heat_map.no_stage')))
  return h(
    'td',
    {
      class: `cell tone-${toneOf(cell.status, cell.flag)}`,
      title: `${word('status', cell.status)} ${word('flag', cell.flag)}`,
    },
    shape(cell.status),
    h('span', { class: 'cell-word' }, word('status.short', cell.status)),
  )
}

/** @param {number} change */
function changeText(change) {
  if (change > 0) return h('span', { class: 'status tone-red' }, t('heat_map.worse'))
  if (change < 0) return h('span', { class: 'status tone-good' }, t('heat_map.better'))
  return t('heat_map.same')
}

/**
 * Prefecture by template: one look at the nation. A cell with several scorecards shows the worst.
 * @param {Card[]} cards
 * @param {string} sort by place, or a prefecture where its first scorecard stands
 */
export function matrix(cards, sort) {
  const templates = [...new Map(cards.map(card => [card.template ?? card.key, card])).entries()].sort(([a], [b]) =>
    a < b ? -1 : 1,
  )
  const found = [...new Map(cards.map(card => [card.prefecture.code, card.prefecture])).values()]
  const prefectures = sort === 'place' ? found.sort((a, b) => (a.code < b.code ? -1 : 1)) : found
  /** @type {Map<string, Card[]>} */
  const cells = new Map()
  for (const card of cards) {
    const at = `${card.prefecture.code} ${card.template ?? card.key}`
    cells.set(at, [...(cells.get(at) ?? []), card])
  }
  return scrolling(
    t('heat_map.matrix'),
    h(
      'table',
      { class: 'heat heat-matrix' },
      h('caption', { class: 'sr-only' }, t('heat_map.matrix')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, t('overview.prefecture')),
          templates.map(([key, card]) =>
            h('th', { scope: 'col', class: 'heat-stage' }, card.template ? word('template', key) : named(card.name)),
          ),
        ),
      ),
      h(
        'tbody',
        null,
        prefectures.map(prefecture =>
          h(
            'tr',
            null,
            h(
              'th',
              { scope: 'row' },
              h(
                'a',
                { href: `/?view=stages&prefecture=${prefecture.code}`, 'data-focus': `p${prefecture.code}` },
                named(prefecture.name),
              ),
            ),
            templates.map(([key]) => matrixCell(cells.get(`${prefecture.code} ${key}`) ?? [])),
          ),
        ),
      ),
    ),
  )
}

/** @type {Record<string, string>} */
const STATUS_OF_FLAG = { red: 'behind', amber: 'at_risk', none: 'on_track' }

/** @param {Card[]} cards */
function matrixCell(cards) {
  const card = cards.toSorted((a, b) => (FLAG_RANK[a.flag] ?? 3) - (FLAG_RANK[b.flag] ?? 3))[0]
  if (!card) return h('td', { class: 'cell tone-none' }, h('span', { class: 'sr-only' }, t('heat_map.no_scorecard')))
  const tone = card.coverage === 0 ? 'missing' : card.flag === 'none' ? 'good' : card.flag
  const status = card.coverage === 0 ? 'no_data' : (STATUS_OF_FLAG[card.flag] ?? 'untargeted')
  return h(
    'td',
    { class: `cell tone-${tone}` },
    h(
      'a',
      {
        href: `/scorecards/${card.id}`,
        title: `${named(card.name)} ${word('flag', card.flag)}`,
        'data-focus': card.id,
      },
      shape(status),
      h('span', { class: 'cell-word' }, score(card.score)),
      h('span', { class: 'sr-only' }, ` ${word('flag', card.flag)} ${language() === 'ja' ? '' : named(card.name)}`),
    ),
  )
}
