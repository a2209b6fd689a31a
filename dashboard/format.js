// Figures, months and times as people read them.

import { language, t } from './i18n.js'

/** Japanese eras, newest first: the month in which each began. */
const ERAS = /** @type {const} */ ([
  { ja: '令和', en: 'Reiwa', begins: '2019-05', year: 2019 },
  { ja: '平成', en: 'Heisei', begins: '1989-01', year: 1989 },
])
const NONE = '–'
/** Yen for one of something are shown so exactly. */
const YEN_DIGITS = 3
const MONTHS_EN = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** @param {number} value @param {number} [digits] */
function grouped(value, digits = 2) {
  return new Intl.NumberFormat(language(), { maximumFractionDigits: digits }).format(value)
}

/**
 * Yen in the largest unit that reads well: 400万円, 1.2億円; ¥4.0M in English.
 * @param {number} yen
 */
export function money(yen) {
  const size = Math.abs(yen)
  if (language() === 'ja') {
    if (size >= 1e8) return `${grouped(yen / 1e8)}億円`
    if (size >= 1e4) return `${grouped(yen / 1e4, 1)}万円`
    return `${grouped(yen)}円`
  }
  if (size >= 1e6) return `¥${grouped(yen / 1e6)}M`
  if (size >= 1e5) return `¥${grouped(yen / 1e3)}k`
  return `¥${grouped(yen, 0)}`
}

/**
 * A figure of an item.
 * @param {number | null | undefined} value
 * @param {string} [unit]
 * @param {string} [measure]
 */
export function figure(value, unit, measure) {
  if (value === null || value === undefined) return NONE
  if (unit === 'JPY') return money(value)
  if (measure === 'milestone') return `${grouped(value, 1)}%`
  if (unit === 'share') return percent(value, 1)
  return grouped(value, 2)
}

/**
 * What is reached of a whole, in whole percents: 0.7999 is 79%, not the 80% of a threshold, as in the words of the API.
 * @param {number | null | undefined} value
 */
export function share(value) {
  // Figures have four decimals; what a float makes of 0.29 is not 28%.
  return value === null || value === undefined ? NONE : `${grouped(Math.floor(Math.round(value * 10_000) / 100), 0)}%`
}

/** A share of one as percent, rounded: a probability, a figure. @param {number} value @param {number} [digits] */
export const percent = (value, digits = 0) => `${grouped(value * 100, digits)}%`

/** @param {number | null | undefined} value */
export const score = value =>
  value === null || value === undefined
    ? NONE
    : new Intl.NumberFormat(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value)

/** The rate of a conversion: a share, or how many (yen, too) for one. @param {number | null | undefined} rate @param {string} [unit] */
export function rate(rate, unit) {
  if (rate === null || rate === undefined) return NONE
  if (unit === 'JPY') return money(Number(rate.toPrecision(YEN_DIGITS)))
  return rate > 2 ? `×${grouped(rate, 1)}` : share(rate)
}

/** @param {string} month */
export function parts(month) {
  const [year, number] = month.split('-').map(Number)
  return { year: year ?? 0, number: number ?? 0 }
}

/** 令和8年10月; Oct 2026. @param {string | null | undefined} month */
export function monthLong(month) {
  if (!month) return NONE
  const { year, number } = parts(month)
  if (language() === 'en') return `${MONTHS_EN[number - 1]} ${year}`
  const era = ERAS.find(era => era.begins <= month)
  if (!era) return `${year}年${number}月`
  const of = year - era.year + 1
  return `${era.ja}${of === 1 ? '元' : of}年${number}月`
}

/** 10月; Oct. @param {string} month */
export function monthShort(month) {
  const { number } = parts(month)
  return language() === 'ja' ? `${number}月` : (MONTHS_EN[number - 1] ?? '')
}

/** The year that a fiscal year is called by: 令和8年度; FY2026 (Reiwa 8). @param {number} year */
export function fiscalYear(year) {
  const era = ERAS.find(era => year >= era.year) ?? ERAS[1]
  const of = year - era.year + 1
  return language() === 'ja' ? `${era.ja}${of === 1 ? '元' : of}年度` : `FY${year} (${era.en} ${of})`
}

/** The fiscal year, April to March, of a month. @param {string} month */
export function fiscalYearOf(month) {
  const { year, number } = parts(month)
  return number >= 4 ? year : year - 1
}

/** @param {string} month @param {number} by */
export function addMonths(month, by) {
  const { year, number } = parts(month)
  const index = year * 12 + number - 1 + by
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`
}

/** Months from the one to the other. @param {string} from @param {string} to */
export function monthsBetween(from, to) {
  const [a, b] = [parts(from), parts(to)]
  return (b.year - a.year) * 12 + b.number - a.number
}

/** The last month that has ended in Japan. */
export function lastEndedMonth() {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date())
  return addMonths(today.slice(0, 7), -1)
}

/** The day in Japan, `days` from today. @param {number} [days] */
export function dayFromToday(days = 0) {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date(Date.now() + days * 86_400_000))
}

/** A moment in Japan. @param {string | null | undefined} instant */
export function moment(instant) {
  if (!instant) return NONE
  return new Intl.DateTimeFormat(language() === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'Asia/Tokyo',
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(instant))
}

/** A day. @param {string | null | undefined} day */
export function day(day) {
  if (!day) return NONE
  return new Intl.DateTimeFormat(language() === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'UTC',
    dateStyle: 'medium',
  }).format(new Date(`${day.slice(0, 10)}T00:00:00Z`))
}

/** The unit of a figure; nothing for one that has no word. @param {string} unit */
export const unitOf = unit => UNITS[unit]?.[language()] ?? ''

/** @type {Record<string, {ja: string, en: string}>} */
const UNITS = {
  JPY: { ja: '円', en: 'yen' },
  percent: { ja: '%', en: '%' },
  cases: { ja: '件', en: 'cases' },
  companies: { ja: '社', en: 'companies' },
  organisations: { ja: '団体', en: 'organisations' },
  people: { ja: '人', en: 'people' },
  contracts: { ja: '件', en: 'contracts' },
  sessions: { ja: '回', en: 'sessions' },
  visits: { ja: '件', en: 'visits' },
  meetings: { ja: '回', en: 'meetings' },
  appointments: { ja: '件', en: 'appointments' },
  posts: { ja: '本', en: 'posts' },
  times: { ja: '回', en: 'times' },
  hours: { ja: '時間', en: 'hours' },
  points: { ja: '点', en: 'points' },
}

/** The programme year and month: ３年目 7か月目. @param {{year: number, month_of_year: number}} programme */
export const programmeTime = programme => t('programme.time', { year: programme.year, month: programme.month_of_year })

/** A figure with every digit that the service keeps. @param {number} value */
export const exact = value => grouped(value, 4)
