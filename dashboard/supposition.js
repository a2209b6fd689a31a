// What is supposed in a what-if: figures by name, in the address of the page and as the API wants them.

import { money } from './format.js'
import { amount, linkName, namesOf, yearText } from './plan.js'
import { figureText, targetField } from './plan_draft.js'
import { language, named, t } from './i18n.js'
import { monthLong, rate as rateText } from './format.js'

/**
 * @typedef {import('./plan.js').Plan} Plan
 * @typedef {import('./plan.js').PlanItem} PlanItem
 * @typedef {'rate' | 'volume' | 'target' | 'done'} Kind
 * @typedef {Map<string, string>} Supposition figures and months by `kind.key`
 * @typedef {{plan: Plan, year: number, start: string}} Ground year: the programme year that is looked at
 */

const KINDS = ['rate', 'volume', 'target', 'done']
const FIGURE = /^\d{1,11}(\.\d{1,6})?$/
const MONTH = /^\d{4}-\d{2}$/

/** What an address supposes, as far as the plan knows it. @param {URLSearchParams} query @param {Plan} plan @returns {Supposition} */
export function readQuery(query, plan) {
  const items = new Set(plan.items.map(item => item.key))
  const links = new Set(plan.link_keys)
  const known = [...query].filter(([name, value]) => {
    const [kind = '', key = ''] = split(name)
    if (!KINDS.includes(kind)) return false
    const isThere = kind === 'rate' ? links.has(key) : items.has(key)
    return isThere && (kind === 'done' ? MONTH : FIGURE).test(value)
  })
  return new Map(known)
}

/** The address with this supposition. @param {Supposition} supposed @param {URLSearchParams} query */
export function queryOf(supposed, query) {
  const next = new URLSearchParams([...query].filter(([name]) => !KINDS.includes(split(name)[0] ?? '')))
  for (const [name, value] of supposed) next.set(name, value)
  return next.toString()
}

/** @param {string} name @returns {[string, string]} */
function split(name) {
  const at = name.indexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}

/** The body of a question. @param {Supposition} supposed @param {Ground} ground @param {string} month */
export function bodyOf(supposed, ground, month) {
  const { plan, year } = ground
  const of = (/** @type {Kind} */ kind) =>
    [...supposed].flatMap(([name, value]) => {
      const [found, key] = split(name)
      return found === kind ? [{ key, value }] : []
    })
  const link = (/** @type {string} */ key) => plan.links[plan.link_keys.indexOf(key)]
  return {
    month,
    changes: of('target').map(({ key, value }) => ({
      op: 'change',
      kind: 'item',
      key,
      after: { targets: targetsWith(itemOf(plan, key), year, Number(value)) },
    })),
    finished: of('done').map(({ key, value }) => ({ item: key, month: value })),
    rates: of('rate').map(({ key, value }) => ({
      from: link(key)?.from ?? [],
      to: link(key)?.to ?? [],
      rate: Number(value),
    })),
    volumes: of('volume').map(({ key, value }) => ({ item: key, per_month: Number(value) })),
  }
}

/** @param {Plan} plan @param {string} key */
const itemOf = (plan, key) => /** @type {PlanItem} */ (plan.items.find(item => item.key === key))

/** The other years keep their targets, formulas and all. @param {PlanItem} item @param {number} year @param {number} value */
function targetsWith(item, year, value) {
  const others = item.targets.filter(target => target.year !== year)
  return [
    ...others.map(({ year, value, formula }) => ({ year, ...(formula ? { formula } : { value }) })),
    { year, value },
  ]
}

/** What is supposed, in words, one line each. @param {Supposition} supposed @param {Ground} ground */
export function inWords(supposed, { plan, year, start }) {
  const names = namesOf(plan)
  return [...supposed].map(([full, value]) => {
    const [kind, key] = split(full)
    const link = plan.links[plan.link_keys.indexOf(key)]
    const item = plan.items.find(item => item.key === key)
    const name = link ? linkName(link, names) : named(item?.name)
    if (kind === 'rate') {
      const unit = plan.items.find(item => item.key === link?.to[0])?.unit
      return t('what_if.line.rate', { name, value: rateText(Number(value), unit) })
    }
    if (kind === 'done') return t('what_if.line.done', { name, month: monthLong(value) })
    const shown = item ? amount(Number(value), item) : value
    if (kind === 'volume') return t('what_if.line.volume', { name, value: shown })
    return t('what_if.line.target', { name, year: yearText(year, start), value: shown })
  })
}

/**
 * The address at which this is proposed: targets are typed there, the rest is told as the reason.
 * @param {string} id of the scorecard @param {Supposition} supposed @param {Ground} ground @param {{today: number | null, then: number | null}} revenue
 */
export function proposalOf(id, supposed, ground, revenue) {
  const { plan, year } = ground
  const query = new URLSearchParams()
  for (const [name, value] of supposed) {
    const [kind, key] = split(name)
    if (kind !== 'target') continue
    query.set(`draft.item/${key}/${targetField(year)}`, figureText(Number(value), itemOf(plan, key)))
  }
  const outcome =
    revenue.today !== null && revenue.then !== null && revenue.today !== revenue.then
      ? [t('what_if.line.revenue', { today: money(revenue.today), then: money(revenue.then) })]
      : []
  const sentences = [...inWords(supposed, ground), ...outcome]
  query.set(
    'draft.reason',
    `${t('what_if.reason')}\n${sentences.map(line => (language() === 'ja' ? '・' : '- ') + line).join('\n')}`,
  )
  return `/scorecards/${id}/revisions/new?${query}`
}
