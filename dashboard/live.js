// What every view has: a loading state, errors that say what to do, and figures that
// stay fresh while it is open.

import { Problem } from './api.js'
import { fill, h } from './dom.js'
import { t } from './i18n.js'
import { withQuery } from './router.js'

/**
 * @typedef {object} Context
 * @property {Record<string, string>} parameters of the address
 * @property {URLSearchParams} query
 * @property {HTMLElement} outlet where the view is drawn
 * @property {AbortSignal} signal ends with the view
 * @property {(title: string) => void} setTitle
 */

/** A view asks again after this long, while somebody looks. */
const POLL_MS = 30_000
/** Only what takes longer than this says that it is loading. */
const PATIENCE_MS = 150

/**
 * Loads, draws, and draws again whenever something has changed.
 * @template T
 * @param {Context} context
 * @param {() => Promise<T>} load  parts of its result that have not changed are the same objects
 * @param {(data: T) => void} draw
 * @returns {Promise<() => Promise<void>>} loads anew at once
 */
export async function live(context, load, draw) {
  const { outlet, signal } = context
  /** @type {T | undefined} */
  let shown
  const loading = setTimeout(() => {
    if (shown === undefined) fill(outlet, loadingState())
  }, PATIENCE_MS)
  const stale = h('p', { class: 'stale', role: 'status', hidden: true })

  const refresh = async () => {
    try {
      const data = await load()
      if (signal.aborted) return
      clearTimeout(loading)
      stale.hidden = true
      if (!isSame(shown, data)) {
        shown = data
        draw(data)
        outlet.prepend(stale)
      }
    } catch (error) {
      clearTimeout(loading)
      if (signal.aborted) return
      if (shown === undefined)
        fill(
          outlet,
          errorState(error, () => void refresh()),
        )
      else {
        stale.textContent = t('state.stale')
        stale.hidden = false
      }
    }
  }
  await refresh()
  poll(signal, refresh)
  return refresh
}

/**
 * For answers without an entity tag: the same content is the same object.
 * @template T
 * @param {() => Promise<T>} load
 * @returns {() => Promise<T>}
 */
export function steady(load) {
  let known = ''
  /** @type {T} */
  let kept
  return async () => {
    const data = await load()
    const text = JSON.stringify(data)
    if (text !== known) {
      known = text
      kept = data
    }
    return kept
  }
}

/** @param {AbortSignal} signal @param {() => Promise<void>} refresh */
function poll(signal, refresh) {
  let asked = Date.now()
  const ask = () => {
    if (document.hidden || Date.now() - asked < POLL_MS / 2) return
    asked = Date.now()
    void refresh()
  }
  const timer = setInterval(ask, POLL_MS)
  document.addEventListener('visibilitychange', ask, { signal })
  signal.addEventListener('abort', () => clearInterval(timer))
}

/** @param {unknown} before @param {unknown} after */
function isSame(before, after) {
  if (before === after) return true
  if (!Array.isArray(before) || !Array.isArray(after)) return false
  return before.length === after.length && before.every((part, index) => part === after[index])
}

export function loadingState(text = t('state.loading')) {
  return h('div', { class: 'state', role: 'status', 'aria-busy': 'true' }, h('span', { class: 'spinner' }), text)
}

/** @param {string} text @param {...import('./dom.js').Children} more */
export const emptyState = (text, ...more) => h('div', { class: 'state' }, h('p', null, text), ...more)

/** Says in words what went wrong, and what to do. @param {unknown} error @param {() => void} [retry] */
export function errorState(error, retry) {
  const problem = error instanceof Problem ? error : null
  const [title, advice] = explained(error)
  return h(
    'div',
    { class: 'state state-error', role: 'alert' },
    h('h1', null, title),
    h('p', null, advice),
    problem?.body && h('p', { class: 'quiet' }, t('state.request', { id: problem.body.request_id })),
    retry &&
      problem?.status !== 403 &&
      problem?.status !== 404 &&
      h('button', { type: 'button', onclick: retry }, t('action.retry')),
    // It may not have been there at the moment asked about.
    new URLSearchParams(location.search).has('known_at') &&
      h('a', { class: 'button', href: withQuery({ known_at: null }) }, t('known_at.leave')),
  )
}

/** @param {unknown} error @returns {[string, string]} */
export function explained(error) {
  if (!(error instanceof Problem)) return [t('error.page'), t('error.page.advice')]
  if (error.status === 0) return [t('error.unreachable'), t('error.unreachable.advice')]
  if (error.status === 403) return [t('error.forbidden'), t('error.forbidden.advice')]
  if (error.status === 404) return [t('error.not_found'), t('error.not_found.advice')]
  return [error.body?.title ?? t('error.service'), error.body?.detail ?? t('error.service.advice')]
}
