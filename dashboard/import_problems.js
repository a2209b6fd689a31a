// Why a file was not taken: every problem with its place and how to mend it, to be taken along.

import { Problem } from './api.js'
import { saveBlob } from './downloads.js'
import { h } from './dom.js'
import { monthLong } from './format.js'
import { language, t } from './i18n.js'
import { placeText, remarks } from './import_preview.js'
import { explained } from './live.js'
import { table, toast } from './parts.js'

/** @typedef {Schema<'Issue'>} Issue */

/** What the service refused, in words. @param {unknown} error @returns {[string, string]} */
export function explainedRefusal(error) {
  if (!(error instanceof Problem)) return explained(error)
  if (error.code === 'month_approved') return [t('imports.approved'), t('imports.approved.advice')]
  if (error.status === 413) return [t('imports.too_large'), t('imports.too_large.advice')]
  if (error.status === 415) return [t('imports.unsupported'), t('imports.unsupported.advice')]
  return explained(error)
}

/**
 * @param {unknown} error
 * @param {{name: string, again: import('./dom.js').Child, retry: () => void, more?: import('./dom.js').Children}} options
 */
export function refusal(error, { name, again, retry, more }) {
  const [title, advice] = explainedRefusal(error)
  const said = error instanceof Problem ? error.issues : []
  const issues = onceAMonth(said.filter(({ severity }) => severity === 'error'))
  const isOfContent = error instanceof Problem && (error.status === 422 || error.code === 'month_approved')
  return h(
    'section',
    { class: 'panel import-refusal' },
    h(
      'h2',
      { tabIndex: -1, class: 'import-result' },
      isOfContent && error.status === 422 ? t('imports.refused', { count: issues.length }) : title,
    ),
    h('p', null, isOfContent && error.status === 422 ? t('imports.refused.advice') : advice),
    issues.length > 0 && problemTable(issues),
    remarks(
      t('imports.remarks'),
      said.filter(({ severity }) => severity !== 'error'),
    ),
    h(
      'div',
      { class: 'actions' },
      again,
      !isOfContent && h('button', { type: 'button', onclick: retry }, t('action.retry')),
      issues.length > 0 && takeAlong(name, issues),
    ),
    error instanceof Problem &&
      error.body &&
      h('p', { class: 'quiet' }, t('state.request', { id: error.body.request_id })),
    more,
  )
}

/** An approved month is one problem, however many cells it has. @param {Issue[]} issues */
function onceAMonth(issues) {
  const seen = new Set()
  return issues.filter(({ code, scorecard, month }) => {
    if (code !== 'month_approved') return true
    const key = `${scorecard} ${month}`
    return !seen.has(key) && seen.add(key)
  })
}

/** @param {Issue[]} issues */
function problemTable(issues) {
  return table(
    t('imports.problems'),
    [t('imports.place'), t('imports.value'), t('imports.problem'), t('imports.remedy')],
    issues.map(issue => [
      placeText(issue.place) || (issue.month ? monthLong(issue.month) : t('imports.whole_file')),
      issue.place?.value ? h('code', null, issue.place.value) : '',
      issue.message[language()],
      issue.remedy?.[language()] ?? '',
    ]),
    'cards import-problems',
  )
}

/** The problems for whoever mends the file: as text, or on paper. @param {string} name @param {Issue[]} issues */
function takeAlong(name, issues) {
  const text = () => asText(name, issues)
  return [
    // Browsers have no clipboard for pages that come without encryption.
    navigator.clipboard
      ? h(
          'button',
          {
            type: 'button',
            onclick: () => void navigator.clipboard.writeText(text()).then(() => toast(t('imports.copied'))),
          },
          t('imports.copy'),
        )
      : h(
          'button',
          {
            type: 'button',
            onclick: () => saveBlob(new Blob([text()], { type: 'text/plain;charset=utf-8' }), `${name}.txt`),
          },
          t('imports.save_text'),
        ),
    h('button', { type: 'button', onclick: () => window.print() }, t('imports.print')),
  ]
}

/** @param {string} name @param {Issue[]} issues */
function asText(name, issues) {
  const line = (/** @type {Issue} */ issue) => {
    const value = issue.place?.value ? t('imports.quoted', { text: issue.place.value }) : ''
    const remedy = issue.remedy ? ` → ${issue.remedy[language()]}` : ''
    return `${placeText(issue.place) || t('imports.whole_file')}${value} ${issue.message[language()]}${remedy}`
  }
  return [name, ...issues.map(issue => `- ${line(issue)}`)].join('\n')
}
