// One row of a month: what is stored, what is typed over it, and what is wrong with that.

import { fill, h } from './dom.js'
import { fieldsOf, readTyped, storedText } from './entry.js'
import { figure, unitOf } from './format.js'
import { named, t, word } from './i18n.js'
import { statusMark } from './status.js'

/**
 * @typedef {Schema<'EvaluatedItem'>} Item
 * @typedef {Schema<'ItemCell'>} Cell
 * @typedef {Schema<'MonthOfCells'>} Month
 * @typedef {import('./entry.js').Typed} Typed
 * @typedef {object} State what the service said last
 * @property {Schema<'EvaluatedScorecard'>} card
 * @property {Month | undefined} now
 * @property {Month | undefined} before the month before
 * @property {Month | undefined} lastYear the same month a year ago
 * @property {boolean} isEditable
 */

const REASON_CHARS_MAX = 200

export class EntryRow {
  /** @type {State | null} */
  #state = null
  #draft
  #keep
  #lastYear = reference('entry.last_year')
  #lastMonth = reference('entry.last_month')
  #toDate = h('td', { class: 'number', 'data-label': t('entry.to_date') })
  #status = h('td')
  #required = h('span', { class: 'chip chip-required' }, t('entry.required'))
  #reason
  #away
  #note

  /**
   * @param {Item} item
   * @param {Record<string, Typed>} draft of all rows; this one reads and writes its own part
   * @param {() => void} keep called after every change of the draft
   */
  constructor(item, draft, keep) {
    this.item = item
    this.#draft = draft
    this.#keep = keep
    const name = named(item.name)
    const noteId = `note-${item.key}`
    this.#note = h('div', { class: 'entry-note', id: noteId, 'aria-live': 'polite' })
    this.#reason = h('input', {
      type: 'text',
      class: 'reason',
      hidden: true,
      maxLength: REASON_CHARS_MAX,
      'aria-label': t('entry.reason', { item: name }),
      placeholder: t('entry.reason.hint'),
      oninput: () => this.#explain(),
    })
    this.#away = h(
      'button',
      { type: 'button', class: 'plain small', 'aria-pressed': 'false', onclick: () => this.#toggleAway() },
      t('entry.not_applicable'),
      h('span', { class: 'sr-only' }, ` ${name}`),
    )
    this.inputs = new Map(fieldsOf(item).map(field => [field, this.#input(field, name, noteId)]))
    this.element = h(
      'tr',
      null,
      h(
        'th',
        { scope: 'row' },
        name,
        item.high_hurdle && h('span', { class: 'chip chip-hurdle' }, t('map.hurdle')),
        this.#required,
      ),
      this.#lastYear,
      this.#lastMonth,
      h(
        'td',
        { class: 'entry-cell' },
        h('div', { class: 'entry-inputs' }, [...this.inputs.values()], this.#away),
        this.#reason,
        this.#note,
      ),
      h('td', { class: 'quiet' }, unitOf(item.unit)),
      this.#toDate,
      this.#status,
    )
  }

  /** @param {'value' | 'numerator' | 'denominator'} field @param {string} name @param {string} noteId */
  #input(field, name, noteId) {
    const input = h('input', {
      type: 'text',
      inputMode: 'decimal',
      autocomplete: 'off',
      id: `in-${this.item.key}-${field}`,
      'aria-label': `${name} ${word('entry.field', field)}`,
      'aria-describedby': noteId,
      placeholder: field === 'value' ? null : word('entry.field', field),
      oninput: () => this.#change(Object.fromEntries([...this.inputs].map(([field, input]) => [field, input.value]))),
      onfocus: () => input.select(),
    })
    return input
  }

  /** What the service says now; what is typed stays. @param {State} state */
  update(state) {
    this.#state = state
    fill(this.#lastYear, textOf(this.#cellOf(state.lastYear)) || '–')
    fill(this.#lastMonth, textOf(this.#cellOf(state.before)) || '–')
    const { status, flag } = this.#evaluated
    fill(this.#status, statusMark(status, flag))
    this.#required.hidden = !state.now?.completeness.missing.includes(this.item.key)
    this.#settle()
    this.show()
  }

  /** Says what the service found wrong with a field. @param {string} field @param {string} text */
  fault(field, text) {
    this.inputs.get(/** @type {'value'} */ (field))?.setAttribute('aria-invalid', 'true')
    this.#note.append(h('p', { class: 'field-error' }, text))
  }

  /** Brings the fields in line with what is stored and typed. */
  show() {
    const typed = this.#draft[this.item.key]
    const cell = this.#cell
    const isEditable = this.#state?.isEditable ?? false
    const isAway = typed ? typed.not_applicable !== undefined : cell?.state === 'not_applicable'
    const { value, faults } = readTyped(this.item, typed ?? {})
    for (const [field, input] of this.inputs) {
      setValue(input, isAway ? '' : (typed?.[field] ?? storedText(cell, field)))
      input.disabled = !isEditable || isAway
      input.setAttribute('aria-invalid', String(Boolean(faults[field])))
    }
    const asksReason = faults.reason !== undefined || typed?.clear !== undefined || typed?.not_applicable !== undefined
    this.#reason.hidden = !asksReason || !isEditable
    this.#reason.disabled = this.#reason.hidden
    setValue(this.#reason, typed?.not_applicable ?? typed?.clear ?? '')
    this.#away.hidden = !isEditable
    this.#away.setAttribute('aria-pressed', String(isAway))
    this.element.classList.toggle('typed', typed !== undefined)
    fill(this.#note, this.#notes(Object.values(faults), typed, cell))
    fill(this.#toDate, toDateText(this.#evaluated, cell, value))
  }

  /** @param {string[]} faults @param {Typed | undefined} typed @param {Cell | undefined} cell */
  #notes(faults, typed, cell) {
    const isChanged = typed?.was !== undefined && typed.was !== textOf(cell)
    return [
      ...faults.map(text => h('p', { class: 'field-error' }, text)),
      isChanged &&
        h(
          'p',
          { class: 'field-error' },
          t('entry.conflict', { by: cell?.reported_by ?? '', value: textOf(cell) || t('cell.not_reported') }),
        ),
      cell?.state === 'not_applicable' &&
        !typed &&
        h('p', { class: 'quiet' }, `${t('cell.not_applicable')}: ${cell.reason ?? ''}`),
    ]
  }

  /** @param {Partial<Typed>} changes */
  #change(changes) {
    const was = this.#draft[this.item.key]?.was ?? textOf(this.#cell)
    this.#draft[this.item.key] = { ...this.#draft[this.item.key], ...changes, was }
    this.#settle()
    this.#keep()
    this.show()
  }

  #explain() {
    const text = this.#reason.value
    this.#change(this.#draft[this.item.key]?.not_applicable !== undefined ? { not_applicable: text } : { clear: text })
  }

  #toggleAway() {
    if (this.#away.getAttribute('aria-pressed') !== 'true') {
      this.#change({ not_applicable: '' })
      this.#reason.focus()
      return
    }
    delete this.#draft[this.item.key]
    // What is stored as not applicable is taken back by a value, or with a reason.
    if (this.#cell?.state === 'not_applicable') {
      const empty = Object.fromEntries(fieldsOf(this.item).map(field => [field, '']))
      this.#draft[this.item.key] = { ...empty, was: textOf(this.#cell) }
    }
    this.#keep()
    this.show()
  }

  /** Forgets what says the same as what is stored. */
  #settle() {
    const typed = this.#draft[this.item.key]
    const cell = this.#cell
    if (!typed || typed.not_applicable !== undefined || cell?.state === 'not_applicable') return
    const isSame = fieldsOf(this.item).every(
      field => (typed[field] ?? storedText(cell, field)) === storedText(cell, field),
    )
    if (isSame) delete this.#draft[this.item.key]
  }

  /** @param {Month | undefined} month */
  #cellOf(month) {
    return month?.cells.find(cell => cell.item === this.item.key)
  }

  get #cell() {
    return this.#cellOf(this.#state?.now)
  }

  /** The item as it was evaluated last. */
  get #evaluated() {
    const steps = this.#state?.card.perspectives.flatMap(perspective => perspective.steps) ?? []
    return steps.flatMap(step => step.items).find(item => item.key === this.item.key) ?? this.item
  }
}

/** @param {'entry.last_year' | 'entry.last_month'} key */
const reference = key => h('td', { class: 'number reference', 'data-label': t(key) })

/** Leaves the cursor where it is when nothing changes. @param {HTMLInputElement} input @param {string} text */
function setValue(input, text) {
  if (input.value !== text) input.value = text
}

/** A stored cell in one text, to show it and to see whether it has changed. @param {Cell | undefined} cell */
function textOf(cell) {
  if (!cell || cell.state === 'not_reported') return ''
  if (cell.state === 'not_applicable') return t('cell.not_applicable')
  if (cell.numerator !== null && cell.numerator !== undefined) return `${cell.numerator} / ${cell.denominator}`
  return String(cell.value ?? '')
}

/**
 * Actual and plan to date, and what the actual will be.
 * @param {Item} item @param {Cell | undefined} cell @param {Record<string, unknown> | null} value what would be sent
 */
function toDateText(item, cell, value) {
  const show = (/** @type {number | null | undefined} */ amount) => figure(amount, item.unit, item.measure)
  const sums = item.measure === 'flow' || item.measure === 'cumulative'
  const typed = typeof value?.value === 'number' ? value.value : null
  const next = typed !== null && sums ? (item.actual ?? 0) - (cell?.value ?? 0) + typed : typed
  return [
    next === null ? show(item.actual) : h('strong', null, `${show(item.actual)} → ${show(next)}`),
    h('span', { class: 'quiet' }, ` / ${t('item.plan')} ${show(item.plan)}`),
  ]
}
