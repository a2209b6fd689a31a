// Notes on an item or a month: what has been written, newest first, and a field for more.

import { newKey, write } from './api.js'
import { keepDraft, readDraft } from './drafts.js'
import { fill, h } from './dom.js'
import { monthLong, moment } from './format.js'
import { t } from './i18n.js'
import { live } from './live.js'
import { asKnown, knownAt } from './known_at.js'
import { pageEnd, pages } from './paging.js'
import { choice, field, form, toast } from './parts.js'
import { me } from './session.js'

/** @typedef {Schema<'ScorecardComment'>} Comment */

const CHARS_MAX = 4000

/**
 * The notes on an item, or on a month, and a field for another one. Drawn once: what is being
 * typed is never touched.
 * @param {import('./live.js').Context} context
 * @param {string} scorecard
 * @param {{item?: string, month: string, months?: string[], names?: (item: string) => string}} about
 *   `months` can be chosen for a note on an item; `names` calls items by name
 */
export function commentPanel(context, scorecard, about) {
  const path = `/v1/scorecards/${encodeURIComponent(scorecard)}/comments`
  const asked = new URLSearchParams(about.item ? { item: about.item } : { month: about.month })
  const list = h('div', { class: 'comments' })
  /** @type {ReturnType<typeof pages<Comment>>} */
  const paged = pages(asKnown(`${path}?${asked}`), context.signal)
  let refresh = async () => {}
  void live({ ...context, outlet: list }, paged.load, found => {
    fill(
      list,
      found.items.length === 0
        ? h('p', { class: 'quiet' }, t('comments.empty'))
        : h(
            'ol',
            { 'data-rows': true },
            found.items.map(comment => entry(comment, about)),
          ),
      pageEnd(found, paged, list, () => refresh()),
    )
  }).then(again => {
    refresh = again
  })
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t(about.item ? 'comments.of_item' : 'comments.of_month', { month: monthLong(about.month) })),
    mayComment() && !knownAt() && writer(path, scorecard, about, () => refresh()),
    list,
  )
}

const mayComment = () => ['hub', 'prefecture', 'national'].includes(me()?.role ?? '')

/** @param {Comment} comment @param {Parameters<typeof commentPanel>[2]} about */
function entry(comment, about) {
  const place = about.item
    ? comment.month && monthLong(comment.month)
    : comment.item && (about.names?.(comment.item) ?? comment.item)
  return h(
    'li',
    { class: 'comment' },
    h(
      'p',
      { class: 'comment-head' },
      h('strong', null, comment.by),
      ' ',
      h('span', { class: 'quiet' }, moment(comment.at)),
      place && [' ', h('span', { class: 'chip' }, place)],
    ),
    h('p', { class: 'comment-text' }, comment.text),
  )
}

/** @param {string} path @param {string} scorecard @param {Parameters<typeof commentPanel>[2]} about @param {() => Promise<void>} done */
function writer(path, scorecard, about, done) {
  const draft = `comment.${about.item ?? about.month}`
  // One key for one text: sent again after a lost answer, it is stored once.
  let key = newKey()
  const text = h('textarea', {
    name: 'text',
    required: true,
    maxLength: CHARS_MAX,
    rows: 3,
    value: readDraft(scorecard, draft).text ?? '',
    oninput: () => {
      key = newKey()
      keepDraft(scorecard, draft, text.value ? { text: text.value } : {})
    },
  })
  const months = about.months ?? []
  return form(
    [
      field(t('comments.text'), text, t('comments.hint', { max: CHARS_MAX })),
      about.item &&
        months.length > 0 &&
        field(
          t('comments.month'),
          choice(
            'month',
            [
              ['', t('comments.no_month')],
              ...months.map(month => /** @type {[string, string]} */ ([month, monthLong(month)])),
            ],
            about.month,
          ),
        ),
    ],
    t('comments.send'),
    async values => {
      const month = about.item ? values.month || null : about.month
      await write('POST', path, { text: values.text, month, item: about.item ?? null }, { key })
      text.value = ''
      keepDraft(scorecard, draft, {})
      key = newKey()
      toast(t('comments.sent'))
      await done()
    },
  )
}
