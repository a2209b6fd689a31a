// Addresses and views: the address says everything that a view needs to be shown again.

/**
 * @typedef {import('./live.js').Context} Context
 * @typedef {(context: Context) => void | Promise<void>} View
 * @typedef {{pattern: RegExp, load: () => Promise<{show: View}>, isOpen: boolean}} Route
 */

/** The list of views; the names of their parts are those of the API. @type {Route[]} */
const ROUTES = [
  route('/', () => import('./views/overview.js')),
  route('/scorecards/new', () => import('./views/new_scorecard.js')),
  route('/scorecards/:id', () => import('./views/scorecards.js')),
  route('/scorecards/:id/comparison', () => import('./views/comparison.js')),
  route('/scorecards/:id/roadmap', () => import('./views/roadmap.js')),
  route('/scorecards/:id/items/:item', () => import('./views/items.js')),
  route('/scorecards/:id/actuals/:month', () => import('./views/actuals.js')),
  route('/scorecards/:id/print', () => import('./views/print.js')),
  route('/scorecards/:id/revisions', () => import('./views/revisions.js')),
  route('/scorecards/:id/revisions/new', () => import('./views/propose.js')),
  route('/scorecards/:id/revisions/:version', () => import('./views/revision.js')),
  route('/scorecards/:id/plan/diff', () => import('./views/plan_diff.js')),
  route('/scorecards/:id/what-if', () => import('./views/what_if.js')),
  route('/alerts', () => import('./views/alerts.js')),
  route('/alerts/:id', () => import('./views/alert.js')),
  route('/months', () => import('./views/months.js')),
  route('/imports', () => import('./views/imports.js')),
  route('/subscriptions', () => import('./views/subscriptions.js')),
  route('/subscriptions/:id', () => import('./views/deliveries.js')),
  route('/prefectures', () => import('./views/prefectures.js')),
  route('/hubs', () => import('./views/hubs.js')),
  route('/audit', () => import('./views/audit.js')),
  route('/users', () => import('./views/users.js')),
  route('/api-keys', () => import('./views/api_keys.js')),
  route('/connect', () => import('./views/connect.js')),
  route('/releases', () => import('./views/releases.js')),
  route('/public/:token', () => import('./views/public.js'), { isOpen: true }),
]

/**
 * @param {string} path @param {Route['load']} load
 * @param {{isOpen?: boolean}} [options] open views ask nobody to sign in
 * @returns {Route}
 */
function route(path, load, { isOpen = false } = {}) {
  return { pattern: new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)')}/?$`), load, isOpen }
}

/** The view of an address. @param {string} path */
export function find(path) {
  for (const { pattern, load, isOpen } of ROUTES) {
    const match = pattern.exec(path)
    if (match) {
      const given = Object.entries(match.groups ?? {})
      return {
        load,
        isOpen,
        parameters: Object.fromEntries(given.map(([name, value]) => [name, decodeURIComponent(value)])),
      }
    }
  }
  return null
}

/** @type {() => void} */
let arrive = () => {}

/** Calls back whenever another address is shown. @param {() => void} listener */
export function start(listener) {
  arrive = listener
  window.addEventListener('popstate', listener)
  document.addEventListener('click', follow)
}

/** @param {string} address @param {{replace?: boolean, stay?: boolean}} [options] */
export function go(address, options = {}) {
  if (options.replace) history.replaceState(null, '', address)
  else history.pushState(null, '', address)
  if (!options.stay) arrive()
}

/** Links of our own are followed without a new page; all others as ever. @param {MouseEvent} event */
function follow(event) {
  if (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  ) {
    return
  }
  const link = event.target instanceof Element ? event.target.closest('a') : null
  const href = link?.getAttribute('href')
  if (!link || !href || link.hasAttribute('download') || (link.getAttribute('target') ?? '_self') !== '_self') return
  const url = new URL(href, location.href)
  if (url.origin !== location.origin || !find(url.pathname)) return
  event.preventDefault()
  go(url.pathname + url.search + url.hash)
}

/**
 * The address of this view with other parameters; null takes one away.
 * @param {Record<string, string | null>} changes
 */
export function withQuery(changes) {
  const query = new URLSearchParams(location.search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name)
    else query.set(name, value)
  }
  const text = query.toString()
  return location.pathname + (text && `?${text}`)
}
