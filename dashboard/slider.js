// A slider with a field beside it, for figures and for months: both say the same.

import { fill, h, uniqueId } from './dom.js'
import { t } from './i18n.js'

/**
 * @typedef {object} SliderGiven
 * @property {string} mark keeps the focus when the page is drawn anew
 * @property {string} name
 * @property {string} group identifier of what names the group
 * @property {number} base what is so today
 * @property {number | null} value what is supposed; null: as today
 * @property {number} max
 * @property {number} step
 * @property {(value: number) => string} say a figure in words
 * @property {string} unit behind the field
 * @property {(value: number) => string} write
 * @property {(text: string) => number | undefined} read
 * @property {(value: number | null) => void} change
 */

/** @param {SliderGiven} given */
export function slider(given) {
  const { mark, name, group, base, max, step, say, change } = given
  let value = given.value
  const id = uniqueId('slider')
  const range = h('input', {
    type: 'range',
    id: `range-${mark}`,
    min: '0',
    max: String(Math.max(max, base, value ?? 0)),
    step: String(step),
    'aria-labelledby': `${group} ${id}`,
    oninput: () => set(Number(range.value), range),
  })
  const text = h('input', {
    type: 'text',
    id: `text-${mark}`,
    inputMode: 'decimal',
    autocomplete: 'off',
    'aria-labelledby': `${group} ${id}`,
    oninput: () => {
      const typed = given.read(text.value)
      const isWrong = typed === undefined || typed < 0
      text.setAttribute('aria-invalid', String(isWrong))
      if (!isWrong) set(typed, text)
    },
    onblur: () => show(null),
  })
  const now = h('span', { class: 'quiet' })
  const reset = h(
    'button',
    {
      type: 'button',
      class: 'plain small',
      onclick: () => {
        set(null, null)
        range.focus()
      },
    },
    t('what_if.reset_one'),
    h('span', { class: 'sr-only' }, ` ${name}`),
  )
  /** @param {HTMLInputElement | null} typing is left as it is */
  const show = typing => {
    const shown = value ?? base
    if (Number(range.max) < shown) range.max = String(shown)
    if (typing !== range) range.value = String(shown)
    range.setAttribute('aria-valuetext', say(shown))
    if (typing !== text) {
      text.value = given.write(shown)
      text.setAttribute('aria-invalid', 'false')
    }
    reset.hidden = value === null
    element.classList.toggle('moved', value !== null)
    fill(now, t('what_if.now', { value: say(base) }))
  }
  /** @param {number | null} next @param {HTMLInputElement | null} typing */
  const set = (next, typing) => {
    value = next
    show(typing)
    change(value)
  }
  const element = h(
    'div',
    { class: 'slider' },
    h('span', { class: 'slider-name', id }, name),
    range,
    h('span', { class: 'slider-field' }, text, h('span', { class: 'quiet' }, given.unit)),
    h('span', { class: 'slider-foot' }, now, reset),
  )
  show(null)
  return element
}

/**
 * The same for months; its right end says that nothing is supposed.
 * @param {{mark: string, name: string, group: string, months: string[], value: string | null, say: (month: string) => string, change: (month: string | null) => void}} given
 */
export function monthSlider({ mark, name, group, months, value: first, say, change }) {
  let value = first
  const id = uniqueId('slider')
  const range = h('input', {
    type: 'range',
    id: `range-${mark}`,
    min: '0',
    max: String(months.length),
    step: '1',
    'aria-labelledby': `${group} ${id}`,
    oninput: () => set(months[Number(range.value)] ?? null),
  })
  const select = h(
    'select',
    { id: `text-${mark}`, 'aria-labelledby': `${group} ${id}`, onchange: () => set(select.value || null) },
    [...months, ''].map(month => h('option', { value: month }, month ? say(month) : t('what_if.as_reported'))),
  )
  const show = () => {
    const index = value === null ? months.length : months.indexOf(value)
    range.value = String(index)
    range.setAttribute('aria-valuetext', value === null ? t('what_if.as_reported') : say(value))
    select.value = value ?? ''
    element.classList.toggle('moved', value !== null)
  }
  /** @param {string | null} next */
  const set = next => {
    value = next
    show()
    change(value)
  }
  const element = h(
    'div',
    { class: 'slider slider-month' },
    h('span', { class: 'slider-name', id }, name),
    range,
    h('span', { class: 'slider-field' }, select),
  )
  show()
  return element
}
