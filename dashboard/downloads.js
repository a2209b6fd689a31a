// Files of a scorecard: fetched with the session, then saved by the browser.

import { download } from './api.js'
import { fill, h } from './dom.js'
import { t } from './i18n.js'
import { asKnown, knownAt } from './known_at.js'
import { explained } from './live.js'
import { choice, toast } from './parts.js'
import { me } from './session.js'

/** A browser has begun to save long before; what it still reads stays there meanwhile. */
const KEEP_MS = 60_000

/** Lets the browser save a file. @param {Blob} content @param {string} name */
export function saveBlob(content, name) {
  const href = URL.createObjectURL(content)
  const link = h('a', { href, download: name, hidden: true })
  document.body.append(link)
  link.click()
  link.remove()
  setTimeout(() => URL.revokeObjectURL(href), KEEP_MS)
}

/**
 * What can be saved of a scorecard, and the way back in.
 * @param {{id: string, key: string}} card @param {string} month
 */
export function downloads(card, month) {
  const base = `/v1/scorecards/${encodeURIComponent(card.id)}`
  const message = h('div', { class: 'message', role: 'alert' })
  const button = (/** @type {string} */ text, /** @type {() => string} */ path, /** @type {string} */ fallback) =>
    saveButton(text, path, fallback, message)
  const encoding = choice(
    'encoding',
    [
      ['utf-8-bom', t('downloads.utf-8-bom')],
      ['utf-8', t('downloads.utf-8')],
      ['cp932', t('downloads.cp932')],
    ],
    'utf-8-bom',
  )
  const mayReport = ['national', 'hub'].includes(me()?.role ?? '') && !knownAt()
  const details = h(
    'details',
    { class: 'menu downloads', 'data-keep': 'downloads' },
    h('summary', { class: 'button', 'data-focus': 'downloads' }, t('downloads.title')),
    h(
      'div',
      { class: 'menu-body' },
      !knownAt() &&
        part(
          button(
            t('downloads.workbook'),
            () => `${base}/workbook.xlsx?month=${encodeURIComponent(month)}`,
            `${card.key}-${month}.xlsx`,
          ),
          t('downloads.workbook.hint'),
        ),
      part(
        button(
          t('downloads.report'),
          () => asKnown(`${base}/report.xlsx?month=${encodeURIComponent(month)}`),
          `${card.key}-${month}-report.xlsx`,
        ),
        t('downloads.report.hint'),
      ),
      part(
        [
          button(
            t('downloads.csv'),
            () => asKnown(`${base}/actuals.csv?encoding=${encoding.value}`),
            `${card.key}-actuals.csv`,
          ),
          h('label', { class: 'control' }, h('span', null, t('downloads.encoding')), encoding),
        ],
        t('downloads.csv.hint'),
      ),
      message,
      mayReport &&
        h(
          'a',
          { class: 'button primary', href: `/imports?scorecard=${encodeURIComponent(card.id)}&month=${month}` },
          t('downloads.import'),
        ),
    ),
  )
  details.addEventListener('keydown', event => {
    if (event.key !== 'Escape' || !details.open) return
    details.open = false
    details.querySelector('summary')?.focus()
  })
  return details
}

/** @param {import('./dom.js').Children} content @param {string} hint */
const part = (content, hint) => h('div', { class: 'download' }, content, h('p', { class: 'quiet' }, hint))

/**
 * @param {string} text @param {() => string} path @param {string} fallback a name, where the service gives none
 * @param {HTMLElement} message where it says what went wrong
 */
function saveButton(text, path, fallback, message) {
  const button = h('button', { type: 'button', 'data-focus': fallback }, text)
  button.addEventListener('click', async () => {
    if (button.getAttribute('aria-busy') === 'true') return
    fill(message)
    button.setAttribute('aria-busy', 'true')
    button.textContent = t('downloads.busy')
    try {
      const { content, name, headers } = await download(path())
      saveBlob(content, name || fallback)
      const lost = Number(headers.get('Unmappable-Characters') ?? 0)
      toast(lost > 0 ? t('downloads.lost', { count: lost }) : t('downloads.done', { name: name || fallback }))
    } catch (error) {
      const [title, advice] = explained(error)
      fill(message, h('p', null, h('strong', null, title), ' ', advice))
    } finally {
      button.removeAttribute('aria-busy')
      button.textContent = text
    }
  })
  return button
}
