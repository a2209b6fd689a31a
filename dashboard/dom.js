// Elements, made without HTML text: nothing that comes from a person is ever parsed.

/**
 * @typedef {Node | string | number | null | undefined | false} Child
 * @typedef {Child | Child[] | Child[][]} Children
 * @typedef {Record<string, unknown>} Properties
 */

/**
 * An element with its properties and children. `class` and names with a hyphen are
 * attributes, `on…` listeners; `null`, `undefined` and `false` leave one out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Properties | null} [properties]
 * @param {...Children} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, properties, ...children) {
  const element = document.createElement(tag)
  assign(element, properties ?? {})
  append(element, children)
  return element
}

const SVG = 'http://www.w3.org/2000/svg'

/**
 * The same for drawings, where every property is an attribute.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Properties | null} [properties]
 * @param {...Children} children
 * @returns {SVGElementTagNameMap[K]}
 */
export function s(tag, properties, ...children) {
  const element = /** @type {SVGElementTagNameMap[K]} */ (document.createElementNS(SVG, tag))
  for (const [name, value] of Object.entries(properties ?? {})) {
    if (name.startsWith('on')) listen(element, name, value)
    else if (isGiven(value)) element.setAttribute(name, String(value))
  }
  append(element, children)
  return element
}

/** @param {unknown} value */
const isGiven = value => value !== null && value !== undefined && value !== false

/** @param {HTMLElement} element @param {Properties} properties */
function assign(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) listen(element, name, value)
    else if (!isGiven(value)) continue
    else if (name === 'variables') setVariables(element, /** @type {Record<string, unknown>} */ (value))
    else if (name in element && !name.includes('-') && name !== 'list' && name !== 'form') {
      Reflect.set(element, name, value)
    } else element.setAttribute(name === 'class' ? 'class' : name, value === true ? '' : String(value))
  }
}

/** @param {Element} element @param {string} name @param {unknown} listener */
function listen(element, name, listener) {
  if (typeof listener === 'function') {
    element.addEventListener(name.slice(2), /** @type {EventListener} */ (listener))
  }
}

/**
 * Custom properties for the style sheets: the one way in which figures become lengths.
 * @param {HTMLElement} element
 * @param {Record<string, unknown>} variables
 */
export function setVariables(element, variables) {
  for (const [name, value] of Object.entries(variables)) {
    element.style.setProperty(`--${name}`, String(value))
  }
}

/** @param {Node} parent @param {Children[]} children */
function append(parent, children) {
  for (const child of /** @type {Child[]} */ (children.flat(2))) {
    if (child === null || child === undefined || child === false) continue
    parent.appendChild(child instanceof Node ? child : document.createTextNode(String(child)))
  }
}

/**
 * Replaces what an element holds, and keeps what the reader has done to it: the focus goes to
 * the element with the same `id`, or the same `data-focus`; what bears `data-keep` stays
 * opened, and scrolled, as it was.
 * @param {Element} parent
 * @param {...Children} children
 */
export function fill(parent, ...children) {
  const active = parent.contains(document.activeElement) ? document.activeElement : null
  const mark = active instanceof HTMLElement || active instanceof SVGElement ? active.id || active.dataset.focus : ''
  const states = [...parent.querySelectorAll('[data-keep]')].map(stateOf)
  parent.replaceChildren()
  append(parent, children)
  for (const state of states) putBack(parent, state)
  if (!mark) return
  const again = parent.querySelector(`#${CSS.escape(mark)}, [data-focus="${CSS.escape(mark)}"]`)
  if (again instanceof HTMLElement || again instanceof SVGElement) again.focus({ preventScroll: true })
}

/** @param {Element} element */
const stateOf = element => ({
  name: element.getAttribute('data-keep') ?? '',
  isOpen: element.hasAttribute('open'),
  left: element.scrollLeft,
})

/** @param {Element} parent @param {ReturnType<typeof stateOf>} state */
function putBack(parent, { name, isOpen, left }) {
  const element = parent.querySelector(`[data-keep="${CSS.escape(name)}"]`)
  if (isOpen) element?.setAttribute('open', '')
  if (element && left > 0) element.scrollLeft = left
}

let identifiers = 0

/** An identifier that nothing else on the page has. @param {string} prefix */
export const uniqueId = prefix => `${prefix}-${++identifiers}`
