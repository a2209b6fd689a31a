// Parts that views share: headings, tables, fields, dialogs, messages.

import { Problem } from './api.js'
import { fill, h, uniqueId } from './dom.js'
import { language, named, t, word } from './i18n.js'
import { explained } from './live.js'

/** @typedef {import('./dom.js').Child} Child @typedef {import('./dom.js').Children} Children */

/**
 * The heading of a view with the way to it, and what one can do there.
 * @param {string} title
 * @param {{trail?: Child[], lead?: Children, actions?: Children}} [more]
 */
export function heading(title, more = {}) {
  return h(
    'div',
    { class: 'heading' },
    more.trail &&
      h(
        'nav',
        { class: 'trail', 'aria-label': t('nav.trail') },
        h(
          'ol',
          null,
          more.trail.map(part => h('li', null, part)),
        ),
      ),
    h(
      'div',
      { class: 'heading-line' },
      h('h1', null, title),
      more.actions && h('div', { class: 'actions' }, more.actions),
    ),
    more.lead && h('div', { class: 'lead' }, more.lead),
  )
}

/**
 * Links to the other views of the same thing.
 * @param {{href: string, text: string, current?: boolean}[]} tabs
 */
export function tabs(tabs) {
  return h(
    'nav',
    { class: 'tabs', 'aria-label': t('nav.views') },
    h(
      'ul',
      null,
      tabs.map(tab =>
        h(
          'li',
          null,
          h('a', { href: tab.href, 'aria-current': tab.current ? 'page' : null, 'data-focus': tab.href }, tab.text),
        ),
      ),
    ),
  )
}

/**
 * A table that scrolls by itself where it is wider than the page.
 * @param {string} caption
 * @param {Children[]} headings
 * @param {(Children[] | HTMLTableRowElement)[]} rows  the first cell of each is its heading
 * @param {string} [className]  `cards`: on a phone each row stands by itself, its cells with their headings
 */
export function table(caption, headings, rows, className = '') {
  const isCards = className.includes('cards')
  const labelOf = (/** @type {Children} */ heading) => typeof heading === 'string' && heading
  return scrolling(
    caption,
    h(
      'table',
      { class: className },
      h('caption', { class: 'sr-only' }, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          headings.map(text => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        { 'data-rows': true },
        rows.map(row =>
          row instanceof HTMLElement
            ? row
            : h(
                'tr',
                null,
                row.map((cell, index) =>
                  index === 0
                    ? h('th', { scope: 'row' }, cell)
                    : isCards
                      ? h('td', { 'data-label': labelOf(headings[index]) }, h('div', null, cell))
                      : h('td', null, cell),
                ),
              ),
        ),
      ),
    ),
  )
}

/**
 * A part of a page that is opened where it is wanted.
 * @param {string} title @param {Children} content @param {{open?: boolean, name?: string, className?: string}} [options]
 */
export function foldable(title, content, { open = false, name = title, className = '' } = {}) {
  return h(
    'details',
    { class: `panel foldable ${className}`, open, 'data-keep': name },
    h('summary', { 'data-focus': `fold-${name}` }, h('h2', null, title)),
    h('div', { class: 'foldable-body' }, content),
  )
}

/**
 * Names and figures beside one another.
 * @param {([string, Children] | null | false | undefined)[]} facts @param {string} [className]
 */
export const factRow = (facts, className = 'fact-row') =>
  h(
    'dl',
    { class: className },
    facts.map(fact => fact && h('div', { class: 'fact' }, h('dt', null, fact[0]), h('dd', null, fact[1]))),
  )

/** @param {string} label @param {HTMLElement} content */
export const scrolling = (label, content) =>
  h('div', { class: 'scrolling', tabIndex: 0, role: 'region', 'aria-label': label, 'data-keep': label }, content)

/**
 * A drawing with its name and its figures as a table.
 * @param {string} title @param {Child} drawing @param {HTMLElement} figures
 */
export function chart(title, drawing, figures) {
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, title),
    drawing,
    h('details', { class: 'figures', 'data-keep': title }, h('summary', null, t('chart.table')), figures),
  )
}

/**
 * A field with its label, its hint, and a place for what is wrong with it.
 * @param {string} label
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} input
 * @param {string} [hint]
 */
export function field(label, input, hint) {
  input.id ||= uniqueId('field')
  const hintId = `${input.id}-hint`
  const errorId = `${input.id}-error`
  input.setAttribute('aria-describedby', `${hint ? `${hintId} ` : ''}${errorId}`)
  return h(
    'div',
    { class: 'field' },
    h(
      'label',
      { htmlFor: input.id },
      label,
      !input.required && input.tagName !== 'SELECT' && h('span', { class: 'quiet' }, ` ${t('form.optional')}`),
    ),
    hint && h('p', { class: 'hint', id: hintId }, hint),
    input,
    h('p', { class: 'field-error', id: errorId }),
  )
}

/**
 * A choice.
 * @param {string} name @param {[string, string][]} options value and text @param {string} value
 * @param {((value: string) => void)} [onchange]
 */
export function choice(name, options, value, onchange) {
  const select = h(
    'select',
    { name, onchange: onchange && (() => onchange(select.value)) },
    options.map(([option, text]) => h('option', { value: option, selected: option === value }, text)),
  )
  return select
}

/**
 * A form that sends and says what came of it. Issues stand at their fields: a field's
 * name is the JSON pointer without its slash.
 * @param {Children} fields
 * @param {string} submit
 * @param {(values: Record<string, string>) => Promise<void>} send
 * @param {Children} [more]
 */
export function form(fields, submit, send, more) {
  const message = h('div', { class: 'message', role: 'alert' })
  const button = h('button', { type: 'submit', class: 'primary' }, submit)
  const element = h('form', { noValidate: true }, fields, message, h('div', { class: 'actions' }, button, more))
  element.addEventListener('submit', async event => {
    event.preventDefault()
    clearIssues(element)
    fill(message)
    if (!checkFilled(element)) return
    const values = Object.fromEntries([...new FormData(element)].map(([name, value]) => [name, String(value).trim()]))
    button.disabled = true
    try {
      await send(values)
    } catch (error) {
      const rest = showIssues(element, error)
      const [title, advice] = explained(error)
      fill(
        message,
        h('p', null, h('strong', null, title), ' ', advice),
        rest.map(text => h('p', null, text)),
      )
    } finally {
      button.disabled = false
    }
  })
  return element
}

/** Takes away what was said about fields. @param {HTMLElement} element */
export function clearIssues(element) {
  for (const input of element.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid')
  for (const place of element.querySelectorAll('.field-error')) place.textContent = ''
}

/** @param {HTMLFormElement} element */
function checkFilled(element) {
  /** @type {HTMLElement | null} */
  let first = null
  for (const input of element.querySelectorAll('input, textarea, select')) {
    if (!(
      input instanceof HTMLInputElement ||
      input instanceof HTMLTextAreaElement ||
      input instanceof HTMLSelectElement
    ))
      continue
    if (input.validity.valid) continue
    mark(input, input.validity.valueMissing ? t('form.missing') : input.validationMessage)
    first ??= input
  }
  first?.focus()
  return first === null
}

/** Says at a field what is wrong with it. @param {HTMLElement} input @param {string} text */
export function mark(input, text) {
  input.setAttribute('aria-invalid', 'true')
  const place = document.getElementById(`${input.id}-error`)
  if (place) place.textContent = text
}

/** Shows issues at their fields; returns those that have none. @param {HTMLFormElement} element @param {unknown} error */
function showIssues(element, error) {
  if (!(error instanceof Problem)) {
    console.error(error)
    return []
  }
  return error.issues.flatMap(issue => {
    const name = issue.path.replace(/^\//, '')
    const input = element.elements.namedItem(name) ?? element.elements.namedItem(name.split('/')[0] ?? '')
    if (!(input instanceof HTMLElement)) return [issue.message[language()]]
    mark(input, issue.message[language()])
    return []
  })
}

/**
 * A dialog over the page; it stays when what is under it is drawn anew.
 * @param {string} title
 * @param {(close: () => void) => Children} content
 */
export function dialog(title, content) {
  const id = uniqueId('dialog')
  const element = h('dialog', { 'aria-labelledby': id })
  const close = () => element.close()
  fill(
    element,
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { id }, title),
      h('button', { type: 'button', class: 'plain', onclick: close, 'aria-label': t('action.close') }, '×'),
    ),
    content(close),
  )
  element.addEventListener('close', () => element.remove())
  document.body.append(element)
  element.showModal()
  return element
}

/** Says briefly that something was done. @param {string} text */
export function toast(text) {
  const element = h('p', { class: 'toast', role: 'status' }, text)
  document.body.append(element)
  setTimeout(() => element.remove(), 5000)
}

/** Name and code of a hub or prefecture. @param {Schema<'Named'>} place */
export const placeName = place => named(place.name)

/** A scope in words. @param {{hub?: string | null, prefecture?: string | null} | null | undefined} scope */
export function scopeName(scope) {
  if (scope?.hub) return `${word('scope', 'hub')} ${scope.hub}`
  if (scope?.prefecture) return `${word('scope', 'prefecture')} ${scope.prefecture}`
  return word('scope', 'nation')
}
