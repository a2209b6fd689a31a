// Lists to their end: the first page at once, each further one when it is asked for.

import { get } from './api.js'
import { h } from './dom.js'
import { t } from './i18n.js'
import { steady } from './live.js'

/** Entries of a page. */
const PAGE = 100

/**
 * @template T
 * @typedef {{items: T[], hasMore: boolean, first?: object}} Paged  `first` is the answer of the first page as it came
 */

/**
 * The pages of a list that have been asked for, loaded together.
 * @template T
 * @param {string} path
 * @param {AbortSignal} signal
 */
export function pages(path, signal) {
  let asked = 1
  const load = steady(async () => {
    /** @type {T[]} */
    const items = []
    let cursor = ''
    /** @type {object | undefined} */
    let first
    for (let page = 0; page < asked && (page === 0 || cursor); page++) {
      const join = path.includes('?') ? '&' : '?'
      /** @type {{items: T[], next_cursor?: string | null}} */
      const list = await get(`${path}${join}limit=${PAGE}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`, signal)
      first ??= list
      items.push(...list.items)
      cursor = list.next_cursor ?? ''
    }
    return /** @type {Paged<T>} */ ({ items, hasMore: cursor !== '', first })
  })
  return {
    load,
    ask: () => {
      asked += 1
    },
  }
}

/**
 * How many entries are shown, and the button for the next page. The reader stays where they
 * are; the focus goes to the first new row.
 * @template T
 * @param {Paged<T>} list
 * @param {{ask: () => void}} pages
 * @param {HTMLElement} place where the rows are
 * @param {() => Promise<void>} refresh
 */
export function pageEnd(list, pages, place, refresh) {
  const shown = list.items.length
  if (!list.hasMore && shown <= PAGE) return null
  const button = h(
    'button',
    {
      type: 'button',
      onclick: async () => {
        button.disabled = true
        button.setAttribute('aria-busy', 'true')
        pages.ask()
        await refresh()
        button.disabled = false
        const row = place.querySelectorAll('[data-rows] > *')[shown]
        if (!(row instanceof HTMLElement)) return
        row.tabIndex = -1
        row.focus({ preventScroll: true })
      },
    },
    t('list.more'),
  )
  return h(
    'div',
    { class: 'page-end' },
    h('p', { class: 'quiet', role: 'status' }, t(list.hasMore ? 'list.shown' : 'list.all', { count: shown })),
    list.hasMore && button,
  )
}
