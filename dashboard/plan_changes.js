// What changes between two plans, as a table of old and new.

import { h } from './dom.js'
import { percent, unitOf } from './format.js'
import { language, named, t, word } from './i18n.js'
import { scrolling } from './parts.js'
import {
  amount,
  barText,
  changeWord,
  lagText,
  linkName,
  parameterText,
  phasingText,
  settingText,
  yearText,
} from './plan.js'

/**
 * @typedef {Schema<'Change'>} Change
 * @typedef {import('./plan.js').PlanItem} PlanItem
 * @typedef {import('./plan.js').PlanLink} PlanLink
 * @typedef {[string, import('./dom.js').Children, import('./dom.js').Children]} Row what, before, after
 * @typedef {object} Frame what is needed to say changes in words
 * @property {string} start first month of the programme
 * @property {Map<string, string>} names of items by key
 * @property {Schema<'Parameter'>[]} parameters
 */

/** Changes that follow from others come last; who reads wants items first. */
const KINDS = ['item', 'link', 'parameter', 'setting']

/** @param {Change[]} changes @param {Frame} frame */
export function changeTable(changes, frame) {
  if (changes.length === 0) return h('p', { class: 'state' }, t('changes.none'))
  const names = new Map(frame.names)
  for (const { kind, key, after } of changes) {
    if (kind === 'item' && after && !names.has(key)) names.set(key, named(/** @type {PlanItem} */ (after).name))
  }
  const told = withShortened(changes)
  const sorted = KINDS.flatMap(kind => told.filter(change => change.kind === kind))
  return scrolling(
    t('changes.title'),
    h(
      'table',
      { class: 'old-new' },
      h('caption', { class: 'sr-only' }, t('changes.title')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          [t('changes.what'), t('changes.before'), t('changes.after')].map(text => h('th', { scope: 'col' }, text)),
        ),
      ),
      sorted.map(change => group(change, { ...frame, names })),
    ),
  )
}

/**
 * A link that loses an item is retired, and added without it: one change, to whoever reads it.
 * @param {Change[]} changes @returns {Change[]}
 */
function withShortened(changes) {
  const gone = new Set(changes.flatMap(({ kind, op, key }) => (kind === 'item' && op === 'retire' ? [key] : [])))
  /** @type {Set<Change>} */
  const merged = new Set()
  return changes
    .map(change => {
      if (change.kind !== 'link' || change.op !== 'retire') return change
      const rest = shortened(/** @type {PlanLink} */ (change.before), gone)
      const added = changes.find(
        other => other.kind === 'link' && other.op === 'add' && JSON.stringify(other.after) === JSON.stringify(rest),
      )
      if (!added) return change
      merged.add(added)
      return { ...change, op: 'change', after: added.after }
    })
    .filter(change => !merged.has(change))
}

/** @param {PlanLink} link @param {Set<string>} gone @returns {PlanLink} */
const shortened = (link, gone) => ({
  ...link,
  from: link.from.filter(key => !gone.has(key)),
  to: link.to.filter(key => !gone.has(key)),
})

/** @param {Change} change @param {Frame} frame */
function group(change, frame) {
  return h(
    'tbody',
    null,
    h(
      'tr',
      { class: 'old-new-head' },
      h(
        'th',
        { scope: 'rowgroup', colSpan: 3 },
        h('span', { class: `chip chip-${change.op}` }, changeWord(change)),
        ' ',
        nameOf(change, frame),
      ),
    ),
    rowsOf(change, frame).map(([what, before, after]) =>
      h('tr', null, h('th', { scope: 'row' }, what), h('td', null, before), h('td', { class: 'new' }, after)),
    ),
  )
}

/** @param {Change} change @param {Frame} frame */
function nameOf({ kind, key, before, after }, { names, parameters }) {
  if (kind === 'item') return names.get(key) ?? key
  if (kind === 'link') return linkName(/** @type {PlanLink} */ (before ?? after), names)
  if (kind === 'parameter') return named(parameters.find(parameter => parameter.key === key)?.name) || key
  return word('setting', key)
}

/** @param {Change} change @param {Frame} frame @returns {Row[]} */
function rowsOf(change, frame) {
  const { kind, key, before, after } = change
  if (kind === 'item') {
    return itemRows(
      /** @type {PlanItem | null} */ (before ?? null),
      /** @type {PlanItem | null} */ (after ?? null),
      frame,
    )
  }
  if (kind === 'link') {
    return linkRows(
      /** @type {PlanLink | null} */ (before ?? null),
      /** @type {PlanLink | null} */ (after ?? null),
      frame,
    )
  }
  if (kind === 'parameter') {
    const unit = frame.parameters.find(parameter => parameter.key === key)?.unit ?? ''
    const text = (/** @type {unknown} */ value) => parameterText(/** @type {number | null} */ (value ?? null), unit)
    return [[t('changes.value'), text(before), text(after)]]
  }
  return [[t('changes.value'), settingText(key, before), settingText(key, after)]]
}

/** @param {PlanLink | null} before @param {PlanLink | null} after @param {Frame} frame @returns {Row[]} */
function linkRows(before, after, { names }) {
  const what = word('link.kind', (after ?? before)?.kind) + t('plan.lag')
  const lag = (/** @type {PlanLink | null} */ link) => (link ? lagText(link.lag_months) : '–')
  if (!after) return [[what, lag(before), t('changes.link_retired')]]
  const [old, now] = [before && linkName(before, names), linkName(after, names)]
  return old && old !== now ? [[t('changes.ends'), old, now]] : [[what, lag(before), lag(after)]]
}

/** @param {PlanItem | null} before @param {PlanItem | null} after @param {Frame} frame @returns {Row[]} */
function itemRows(before, after, frame) {
  if (!after) return [[t('plan.targets'), before ? targetsText(before, frame.start) : '–', t('changes.retired')]]
  /** @type {[string, (item: PlanItem) => string][]} */
  const members = [
    [t('plan.name'), item => named(item.name)],
    [t('item.step'), item => word('stage', item.stage)],
    [t('item.measure'), item => word('measure', item.measure)],
    [t('item.unit'), item => (item.measure === 'milestone' ? '' : unitOf(item.unit) || item.unit)],
    [t('plan.direction'), item => word('direction', item.direction)],
    [t('plan.bar.label'), item => (item.bar ? barText(item.bar, frame.start) : '')],
    [t('plan.phasing'), item => (item.phasing ? phasingText(item.phasing, frame.start) : '')],
    [t('plan.hurdle'), item => t(item.high_hurdle ? 'plan.hurdle.yes' : 'plan.hurdle.no')],
    [t('plan.weight'), item => String(item.weight)],
    [t('plan.strict'), item => t(item.strict ? 'plan.yes' : 'plan.no')],
    [t('plan.track'), item => item.track ?? ''],
  ]
  const rows = members.flatMap(([what, text]) => {
    const [old, now] = [before ? text(before) : '', text(after)]
    const isWorthSaying = before ? old !== now : now !== '' && !isDefault(what, after)
    return isWorthSaying ? [/** @type {Row} */ ([what, old || '–', now || '–'])] : []
  })
  return [...targetRows(before, after, frame.start), ...rows]
}

/** What a new item need not say. @param {string} what @param {PlanItem} item */
const isDefault = (what, item) =>
  what === t('plan.name') ||
  (what === t('plan.weight') && item.weight === 1) ||
  (what === t('plan.hurdle') && !item.high_hurdle) ||
  (what === t('plan.strict') && !item.strict) ||
  (what === t('plan.direction') && item.direction === 'higher')

/** @param {PlanItem} item @param {string} start */
const targetsText = (item, start) =>
  item.targets
    .map(target => (target.year ? `${yearText(target.year, start)} ` : '') + amount(target.value, item))
    .join(language() === 'ja' ? '、' : ', ') || t('status.untargeted')

/** @param {PlanItem | null} before @param {PlanItem} after @param {string} start @returns {Row[]} */
function targetRows(before, after, start) {
  const of = (/** @type {PlanItem | null} */ item, /** @type {number | null} */ year) =>
    item?.targets.find(target => (target.year ?? null) === year)
  const years = [...(before?.targets ?? []), ...after.targets].map(target => target.year ?? null)
  return [...new Set(years)]
    .sort((a, b) => (a ?? 0) - (b ?? 0))
    .flatMap(year => {
      const [old, now] = [of(before, year), of(after, year)]
      const isSame = (old?.value ?? null) === (now?.value ?? null) && isFormula(old) === isFormula(now)
      if (before && isSame) return []
      const what = year === null ? t('item.target') : t('plan.target_of', { year: yearText(year, start) })
      return [
        /** @type {Row} */ ([what, targetText(old, after), [targetText(now, after), difference(old, now, after)]]),
      ]
    })
}

/** @param {Schema<'Target'> | undefined} target */
const isFormula = target => Boolean(target?.formula)

/** @param {Schema<'Target'> | undefined} target @param {PlanItem} item */
function targetText(target, item) {
  if (!target) return '–'
  return amount(target.value, item) + (isFormula(target) ? t('plan.computed') : '')
}

/** By how much a target moves. @param {Schema<'Target'> | undefined} old @param {Schema<'Target'> | undefined} now @param {PlanItem} item */
function difference(old, now, item) {
  const [from, to] = [old?.value ?? null, now?.value ?? null]
  if (from === null || to === null || from === 0 || from === to) return null
  const by = to - from
  const sign = by > 0 ? '+' : '−'
  return h(
    'span',
    { class: 'quiet' },
    ` (${sign}${amount(Math.abs(by), item)}, ${sign}${percent(Math.abs(by) / from)})`,
  )
}
