// What people type and paste into a month, read as the API wants it.

import { t } from './i18n.js'

/**
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {{value?: string, numerator?: string, denominator?: string, not_applicable?: string, clear?: string, was?: string}} Typed
 * @typedef {{value: Record<string, unknown> | null, faults: Record<string, string>}} Read
 */

const FIGURE = /^-?\d{1,11}(\.\d{1,4})?$/
/** Units that are not counted in wholes. */
const DIVISIBLE = ['percent', 'share']

/** A figure as typed in Japan: full-width digits, separators, units behind it. @param {string} text */
export function normalised(text) {
  return text
    .normalize('NFKC')
    .replace(/[,\s¥円%件社人回]/g, '')
    .replace(/^[△▲−ー]/, '-')
}

/** Which fields an item has. @param {Pick<Item, 'measure'>} item @returns {('value' | 'numerator' | 'denominator')[]} */
export const fieldsOf = item => (item.measure === 'ratio' ? ['numerator', 'denominator'] : ['value'])

/** What is wrong with a figure, in words; nothing where it can be sent. @param {string} text @param {Item} item @param {string} field */
export function faultOf(text, item, field) {
  const plain = normalised(text)
  if (plain === '') return null
  if (!FIGURE.test(plain)) return t('entry.fault.figure')
  const value = Number(plain)
  const isWhole = field !== 'value' || !DIVISIBLE.includes(item.unit)
  if (isWhole && item.measure !== 'level' && !Number.isInteger(value)) return t('entry.fault.whole')
  if (item.measure === 'milestone' && (value < 0 || value > 100)) return t('entry.fault.progress')
  if (value < 0 && item.unit !== 'JPY') return t('entry.fault.negative')
  return null
}

/**
 * A value of a report, or what is wrong; null where nothing has been typed.
 * @param {Item} item @param {Typed} typed
 * @returns {Read}
 */
export function readTyped(item, typed) {
  if (typed.not_applicable !== undefined) {
    return typed.not_applicable.trim()
      ? { value: { item: item.key, not_applicable: typed.not_applicable.trim() }, faults: {} }
      : { value: null, faults: { reason: t('entry.fault.reason') } }
  }
  const fields = fieldsOf(item)
  if (fields.every(field => typed[field] === undefined)) return { value: null, faults: {} }
  if (fields.every(field => normalised(typed[field] ?? '') === '')) {
    return typed.clear?.trim()
      ? { value: { item: item.key, clear: typed.clear.trim() }, faults: {} }
      : { value: null, faults: { reason: t('entry.fault.clear') } }
  }
  /** @type {Record<string, string>} */
  const faults = {}
  /** @type {Record<string, unknown>} */
  const value = { item: item.key }
  for (const field of fields) {
    const text = typed[field] ?? ''
    const fault = normalised(text) === '' ? t('entry.fault.both') : faultOf(text, item, field)
    if (fault) faults[field] = fault
    else value[field] = Number(normalised(text))
  }
  return { value: Object.keys(faults).length > 0 ? null : value, faults }
}

/** What a stored cell shows in its field. @param {Schema<'ItemCell'> | undefined} cell @param {'value' | 'numerator' | 'denominator'} field */
export function storedText(cell, field) {
  const value = cell?.state === 'reported' ? cell[field] : null
  return value === null || value === undefined ? '' : String(value)
}

/**
 * Cells of a spreadsheet, as they come from the clipboard.
 * @param {string} text
 */
export const pasted = text =>
  text
    .replace(/\r/g, '')
    .replace(/\n$/, '')
    .split('\n')
    .map(line => line.split('\t').map(cell => cell.trim()))

/**
 * Where pasted cells go: by name where the first column names items, else downwards from
 * where the cursor is, over every field.
 * @param {string[][]} rows
 * @param {{item: Item, names: string[]}[]} items in the order of the page
 * @param {number} start index of the item with the cursor
 * @param {'value' | 'numerator' | 'denominator'} field
 * @returns {{item: Item, field: 'value' | 'numerator' | 'denominator', text: string}[]}
 */
export function placed(rows, items, start, field) {
  const byName = new Map(items.flatMap(({ item, names }) => names.map(name => [name.trim(), item])))
  const isNamed = rows.some(row => row.length > 1) && rows.every(row => byName.has(row[0] ?? ''))
  return rows.flatMap((row, index) => {
    const item = isNamed ? byName.get(row[0] ?? '') : items[start + index]?.item
    if (!item) return []
    const cells = isNamed ? row.slice(1) : row
    const fields = fieldsOf(item)
    const from = index === 0 && !isNamed ? Math.max(fields.indexOf(field), 0) : 0
    return fields.slice(from).flatMap((field, column) => {
      const text = cells[column]
      return text ? [{ item, field, text }] : []
    })
  })
}
