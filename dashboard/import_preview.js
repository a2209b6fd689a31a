// What an import would do: what was understood of a file, and what changes.

import { h } from './dom.js'
import { exact, monthLong } from './format.js'
import { language, named, t, word } from './i18n.js'
import { factRow, foldable, table } from './parts.js'
import { statusMark } from './status.js'

/**
 * @typedef {Schema<'ImportResult'>} ImportResult
 * @typedef {Schema<'ImportedSheet'>} Sheet
 * @typedef {Schema<'ImportedColumn'>} Column
 * @typedef {Schema<'ImportedCell'>} CellChange
 * @typedef {Schema<'BulkReportResult'>} Report
 */

/** Rows of one month that are drawn at once; the others when they are asked for. */
const ROWS = 60
/** So many months are open at first. */
const OPEN_GROUPS = 3
const LEFT_OUT_MAX = 100

/**
 * @param {ImportResult} result
 * @param {(scorecard: string) => string} nameOf
 */
export function preview(result, nameOf) {
  const groups = grouped(result.cells)
  const reports = reportsOf(result)
  return [
    remarks(
      t('imports.warnings'),
      result.issues.filter(({ severity }) => severity !== 'error'),
    ),
    turns(result, nameOf),
    result.cells.length > 0 &&
      h(
        'section',
        { class: 'stack' },
        h('h2', null, t('imports.changes')),
        groups.map((cells, index) => changeGroup(cells, reports, nameOf, index < OPEN_GROUPS)),
      ),
    understood(result.understood),
  ]
}

/** The cells of each scorecard and month, in the order of the file. @param {CellChange[]} cells @returns {CellChange[][]} */
export function grouped(cells) {
  /** @type {Map<string, CellChange[]>} */
  const groups = new Map()
  for (const cell of cells) {
    const key = `${cell.scorecard} ${cell.month}`
    groups.set(key, [...(groups.get(key) ?? []), cell])
  }
  return [...groups.values()]
}

/**
 * The month of each report: it has as many cells here as it changes.
 * @param {ImportResult} result @returns {{report: Report, month: string | null}[]}
 */
function reportsOf({ reports, cells }) {
  let at = 0
  return reports.map(report => {
    const { created, updated, cleared } = report.counts
    const count = created + updated + cleared
    const month = (count > 0 && cells[at]?.month) || null
    at += count
    return { report, month }
  })
}

/** Where something stands in a file: 実績!C5; C5 of a CSV. @param {Schema<'Place'> | null | undefined} place */
export function placeText(place) {
  if (!place) return ''
  return place.sheet ? `${place.sheet}!${place.cell}` : place.cell
}

/** @param {ImportResult} result */
export function countsText({ counts }) {
  return t('entry.counts', {
    created: counts.created,
    updated: counts.updated,
    cleared: counts.cleared,
    unchanged: counts.unchanged,
  })
}

/** What is worth a word, and hinders nothing. @param {string} title @param {Schema<'Issue'>[]} issues */
export function remarks(title, issues) {
  if (issues.length === 0) return null
  return h(
    'section',
    { class: 'notice import-warnings' },
    h('h2', null, title),
    h(
      'ul',
      null,
      issues.map(issue =>
        h(
          'li',
          null,
          placeText(issue.place) && h('strong', null, `${placeText(issue.place)} `),
          issue.message[language()],
          issue.remedy && h('span', { class: 'quiet block' }, issue.remedy[language()]),
        ),
      ),
    ),
  )
}

/** @type {Record<string, number>} */
const RANK = { red: 0, amber: 1, none: 2 }

/** What turns, red first. @param {ImportResult} result @param {(scorecard: string) => string} nameOf */
function turns(result, nameOf) {
  const names = new Map(result.cells.map(cell => [`${cell.scorecard} ${cell.item}`, named(cell.name)]))
  const reports = reportsOf(result)
  const rows = reports
    .flatMap(({ report, month }) => report.changes.map(change => ({ report, month, change })))
    .sort((a, b) => (RANK[a.change.to.flag] ?? 3) - (RANK[b.change.to.flag] ?? 3))
  if (rows.length === 0) return null
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('imports.turns')),
    h(
      'ul',
      { class: 'changes' },
      rows.map(({ report, month, change }) =>
        h(
          'li',
          null,
          h('span', null, names.get(`${report.scorecard} ${change.item}`) ?? change.item),
          reports.length > 1 &&
            h(
              'span',
              { class: 'quiet' },
              [nameOf(report.scorecard ?? ''), month && monthLong(month)].filter(Boolean).join(' '),
            ),
          statusMark(change.from.status, change.from.flag),
          h('span', { 'aria-hidden': 'true' }, '→'),
          h('span', { class: 'sr-only' }, t('imports.becomes')),
          statusMark(change.to.status, change.to.flag),
        ),
      ),
    ),
  )
}

/** @param {CellChange[]} cells @param {ReturnType<typeof reportsOf>} reports @param {(scorecard: string) => string} nameOf @param {boolean} open */
function changeGroup(cells, reports, nameOf, open) {
  const [first] = cells
  if (!first) return null
  const completeness = reports.find(
    ({ report, month }) => report.scorecard === first.scorecard && month === first.month,
  )?.report.completeness
  const title = `${nameOf(first.scorecard)} ${monthLong(first.month)}`
  const caption = t('imports.changes.of', { name: title, count: exact(cells.length) })
  const place = h('div', { class: 'stack' })
  const show = (/** @type {number} */ count) => {
    const rest = cells.length - count
    place.replaceChildren(
      table(
        caption,
        [t('item.name'), t('history.before'), t('history.after'), t('imports.cell')],
        cells
          .slice(0, count)
          .map(cell => [
            [named(cell.name), h('span', { class: 'quiet block' }, cell.item)],
            h('span', { class: 'quiet-value' }, cellText(cell.before)),
            h('strong', null, cellText(cell.after)),
            [
              placeText(cell.place),
              cell.place?.value &&
                h('span', { class: 'quiet block' }, t('imports.written', { value: cell.place.value })),
            ],
          ]),
        'cards import-cells',
      ),
    )
    if (rest > 0)
      place.append(
        h(
          'button',
          { type: 'button', onclick: () => show(cells.length) },
          t('imports.more_rows', { count: exact(rest) }),
        ),
      )
  }
  show(ROWS)
  return foldable(caption, [completeness && completenessText(completeness), place], {
    open,
    name: `import-${first.scorecard}-${first.month}`,
  })
}

/** @param {Schema<'Completeness'>} completeness */
const completenessText = ({ complete, required, reported }) =>
  h('p', { class: 'quiet' }, complete ? t('imports.will_complete') : t('imports.will_miss', { required, reported }))

/** A cell in words, with every digit. @param {Schema<'Cell'>} cell */
export function cellText(cell) {
  if (cell.state === 'not_applicable')
    return cell.reason ? t('imports.not_applicable', { reason: cell.reason }) : word('cell', cell.state)
  if (cell.state !== 'reported') return word('cell', cell.state)
  const { numerator, denominator, value } = cell
  const isRatio = numerator !== null && numerator !== undefined && denominator !== null && denominator !== undefined
  return isRatio ? `${exact(numerator)} / ${exact(denominator)}` : exact(value ?? 0)
}

/** What was understood, in a line. @param {ImportResult} result */
export function understoodLine({ understood: file, counts }) {
  const [sheet, ...more] = file.sheets.filter(sheet => sheet.read)
  const months = [...new Set(file.sheets.flatMap(sheet => sheet.months))].sort()
  const [from, to] = [months[0], months.at(-1)]
  const leftOut = file.sheets.reduce((sum, sheet) => sum + sheet.left_out.length, 0)
  return [
    word('import_format', file.format),
    file.encoding && word('import_encoding', file.encoding),
    sheet?.name && t('imports.sheet_named', { name: sheet.name }),
    more.length > 0 && t('imports.more_sheets', { count: more.length }),
    from && to && (from === to ? monthLong(from) : t('imports.months', { from: monthLong(from), to: monthLong(to) })),
    t('imports.values', { count: exact(counts.received) }),
    leftOut > 0 && t('imports.left_out', { count: leftOut }),
  ]
    .filter(Boolean)
    .join(t('imports.join'))
}

/** Everything that was understood. @param {Schema<'UnderstoodFile'>} file */
export function understood(file) {
  return foldable(
    t('imports.understood'),
    h(
      'div',
      { class: 'stack' },
      factRow([
        [t('imports.format'), word('import_format', file.format)],
        !!file.encoding && [t('imports.encoding'), word('import_encoding', file.encoding)],
        !!file.delimiter && [t('imports.delimiter'), word('import_delimiter', file.delimiter)],
        [t('imports.mapping.used'), t(file.mapping ? 'imports.yes' : 'imports.no')],
      ]),
      file.sheets.map(sheetDetail),
    ),
    { name: 'import-understood' },
  )
}

/** @param {Sheet} sheet */
function sheetDetail(sheet) {
  const title = sheet.name ? t('imports.sheet_named', { name: sheet.name }) : t('imports.the_table')
  if (!sheet.read)
    return h(
      'p',
      null,
      h('strong', null, title),
      ' ',
      t('imports.sheet_unread'),
      sheet.reason && ` ${sheet.reason[language()]}`,
    )
  return h(
    'section',
    { class: 'stack' },
    h('h3', null, title),
    factRow([
      !!sheet.layout && [t('imports.layout'), word('import_layout', sheet.layout)],
      !!sheet.heading_row && [t('imports.heading_row'), t('imports.row', { row: sheet.heading_row })],
      [
        t('imports.months_read'),
        sheet.months.length > 0 ? sheet.months.map(month => monthLong(month)).join(t('imports.join')) : '–',
      ],
    ]),
    sheet.columns.length > 0 &&
      table(
        t('imports.columns.of', { name: title }),
        [t('imports.column'), t('imports.heading'), t('imports.meaning')],
        sheet.columns.map(column => [
          column.column,
          column.heading || '–',
          h('span', { class: column.meaning === 'ignored' ? 'quiet' : null }, meaningText(column)),
        ]),
      ),
    sheet.left_out.length > 0 && leftOutRows(sheet.left_out),
  )
}

/** @param {Column} column */
function meaningText(column) {
  const about = [column.item, column.month && monthLong(column.month)].filter(Boolean).join(' ')
  return about
    ? t('imports.with', { meaning: word('meaning', column.meaning), about })
    : word('meaning', column.meaning)
}

/** @param {Schema<'LeftOutRow'>[]} rows */
function leftOutRows(rows) {
  return h(
    'div',
    null,
    h('h4', null, t('imports.left_out', { count: rows.length })),
    h(
      'ul',
      { class: 'left-out' },
      rows
        .slice(0, LEFT_OUT_MAX)
        .map(row =>
          h(
            'li',
            null,
            `${t('imports.row', { row: row.row })}${row.text ? t('imports.quoted', { text: row.text }) : ''} `,
            h('span', { class: 'quiet' }, row.reason[language()]),
          ),
        ),
      rows.length > LEFT_OUT_MAX && h('li', null, t('imports.more_rows_left', { count: rows.length - LEFT_OUT_MAX })),
    ),
  )
}
