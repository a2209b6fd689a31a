// What was known at an earlier moment: in the address, plainly marked, and without any entry.

import { h } from './dom.js'
import { addMonths, day, dayFromToday, moment } from './format.js'
import { t } from './i18n.js'
import { go, withQuery } from './router.js'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** The day, or the instant, that the address asks about; null for the present. */
export const knownAt = () => new URLSearchParams(location.search).get('known_at')

/** A day is asked about as it was at its end in Japan. @param {string} asked */
const instantOf = asked => (DAY.test(asked) ? `${asked}T23:59:59.999999+09:00` : asked)

/** In words, what is asked about. @param {string} asked */
const wordsOf = asked => (DAY.test(asked) ? t('known_at.day', { day: day(asked) }) : moment(asked))

/** A path of the API, for the moment that is asked about. @param {string} path */
export function asKnown(path) {
  const asked = knownAt()
  return asked ? `${path}${path.includes('?') ? '&' : '?'}known_at=${encodeURIComponent(instantOf(asked))}` : path
}

/** An address of the dashboard, where the same moment stays asked about. @param {string} href */
export function keepKnown(href) {
  const asked = knownAt()
  return asked ? `${href}${href.includes('?') ? '&' : '?'}known_at=${encodeURIComponent(asked)}` : href
}

/** Says that the past is shown, or lets one ask for it. @param {string} [month] that is shown */
export function knownAtControl(month) {
  const asked = knownAt()
  if (asked) return banner(asked)
  const input = h('input', {
    type: 'date',
    name: 'known_at',
    required: true,
    max: dayFromToday(-1),
    id: 'known-at',
  })
  const form = h(
    'form',
    { class: 'known-at-form' },
    h('label', { htmlFor: 'known-at' }, t('known_at.label')),
    input,
    h('button', { type: 'submit' }, t('known_at.show')),
  )
  form.addEventListener('submit', event => {
    event.preventDefault()
    // A month that had not ended by then has nothing to show.
    const isOver = month !== undefined && input.value >= `${addMonths(month, 1)}-01`
    go(withQuery({ known_at: input.value, ...(isOver ? {} : { month: null }) }))
  })
  return h(
    'details',
    { class: 'known-at', 'data-keep': 'known-at' },
    h('summary', null, t('known_at.title')),
    h('p', { class: 'quiet' }, t('known_at.hint')),
    form,
  )
}

/** @param {string} asked */
function banner(asked) {
  return h(
    'div',
    { class: 'notice known-at-banner', role: 'note' },
    h('p', null, h('strong', null, t('known_at.banner', { moment: wordsOf(asked) })), ' ', t('known_at.banner.advice')),
    h('a', { class: 'button', href: withQuery({ known_at: null }) }, t('known_at.leave')),
  )
}

/** For paper: which moment a sheet is of. */
export function knownAtNote() {
  const asked = knownAt()
  return asked && h('strong', null, t('known_at.banner', { moment: wordsOf(asked) }))
}
