// A plan in the words of an office: targets, bars, phasing, links and thresholds.

import { addMonths, figure, fiscalYear, money, monthLong, monthShort, parts, percent, unitOf } from './format.js'
import { language, named, t, word } from './i18n.js'

/**
 * @typedef {Schema<'Plan'>} Plan
 * @typedef {Schema<'Item'>} PlanItem
 * @typedef {Schema<'Link'>} PlanLink
 * @typedef {Schema<'Phasing'>} Phasing
 * @typedef {{unit: string, measure?: string}} Measured
 * @typedef {'share' | 'months' | 'day' | 'switch'} SettingKind
 */

/** How each threshold is read and shown, in the order of the form. @type {Record<string, SettingKind>} */
export const SETTINGS = {
  on_track_at: 'share',
  behind_below: 'share',
  gap_at_risk: 'share',
  gap_behind: 'share',
  pi_at_risk: 'share',
  pi_behind: 'share',
  inherited_share: 'share',
  coverage_min: 'share',
  for_months: 'months',
  resolve_at: 'share',
  resolve_gap: 'share',
  reopen_within: 'months',
  due_day: 'day',
  due_on_business_day: 'switch',
}

const MONTHS_OF_YEAR = 12

/** Whether figures of an item are typed and shown as percent. @param {Measured} of */
export const isPercent = of => of.unit === 'share'

/** A figure with its unit: 30件, 400万円, 10%. @param {number | null | undefined} value @param {Measured} of */
export function amount(value, of) {
  const text = figure(value, of.unit, of.measure)
  if (value === null || value === undefined || of.unit === 'JPY' || of.unit === 'share') return text
  if (of.measure === 'milestone') return text
  const unit = unitOf(of.unit)
  return language() === 'ja' ? text + unit : `${text} ${unit}`.trim()
}

/** The calendar month of a programme month. @param {number} at @param {string} start */
export const calendar = (at, start) => addMonths(start, at - 1)

/** @param {[number, number] | number[] | null | undefined} bar @param {string} start */
export function barText(bar, start) {
  const [from, due] = bar ?? []
  if (!from || !due) return t('plan.none')
  return t('plan.bar', {
    from: monthLong(calendar(from, start)),
    due: monthLong(calendar(due, start)),
    first: from,
    last: due,
  })
}

/** A programme year: 3年目（令和8年度）, or its first month where it does not begin in April. @param {number} year @param {string} start */
export function yearText(year, start) {
  const first = addMonths(start, (year - 1) * MONTHS_OF_YEAR)
  const { year: calendarYear, number } = parts(first)
  return t('plan.year', { year, time: number === 4 ? fiscalYear(calendarYear) : `${monthLong(first)}–` })
}

/** @param {Phasing | null | undefined} phasing @param {string} start */
export function phasingText(phasing, start) {
  if (!phasing) return t('plan.none')
  if (phasing.kind === 'sessions') return t('plan.phasing.sessions', { count: phasing.sessions ?? 0 })
  if (phasing.kind === 'weights') {
    const weights = (phasing.weights ?? []).map((weight, index) => `${monthShort(addMonths(start, index))} ${weight}`)
    return t('plan.phasing.weights', { weights: weights.join(language() === 'ja' ? '・' : ', ') })
  }
  const first = phasing.first_month ?? 1
  return first === 1
    ? t('plan.phasing.even')
    : t('plan.phasing.even_from', { month: monthShort(addMonths(start, first - 1)) })
}

/** @param {string} key @param {unknown} value */
export function settingText(key, value) {
  switch (SETTINGS[key]) {
    case 'share':
      return percent(Number(value), 2)
    case 'months':
      return t('plan.months', { count: Number(value) })
    case 'day':
      return t('plan.day', { day: Number(value) })
    case 'switch':
      return t(value ? 'plan.yes' : 'plan.no')
    default:
      return String(value)
  }
}

/** @param {number | null | undefined} value @param {string} unit */
export function parameterText(value, unit) {
  if (value === null || value === undefined) return t('plan.unset')
  return unit === 'JPY' ? money(value) : amount(value, { unit })
}

/** How long a link takes. @param {number} months */
export const lagText = months => (months === 0 ? t('plan.lag.none') : t('plan.months', { count: months }))

/** Names of items by key, of these plans; a later one says more. @param {(Plan | null | undefined)[]} plans */
export const namesOf = (...plans) =>
  new Map(plans.flatMap(plan => (plan?.items ?? []).map(item => [item.key, named(item.name)])))

/** @param {Pick<PlanLink, 'from' | 'to'>} link @param {Map<string, string>} names */
export function linkName(link, names) {
  const side = (/** @type {string[]} */ keys) =>
    keys.map(key => names.get(key) ?? key).join(language() === 'ja' ? '・' : ', ')
  return `${side(link.from)} → ${side(link.to)}`
}

/**
 * The version that judges a month: of those that have begun the latest, and of several
 * that begin together the one with the highest number.
 * @param {Schema<'PlanVersion'>[]} versions @param {string} month
 */
export function versionIn(versions, month) {
  const begun = versions.filter(version => version.effective_month <= month)
  return begun.reduce(
    (best, version) =>
      version.effective_month > best.effective_month ||
      (version.effective_month === best.effective_month && version.version > best.version)
        ? version
        : best,
    /** @type {Schema<'PlanVersion'>} */ (begun[0] ?? versions[0]),
  )
}

/** Kind and change of a line in brief: 項目の変更. @param {{op: string, kind: string}} change */
export const changeWord = change => word('change', `${change.kind}.${change.op}`)
