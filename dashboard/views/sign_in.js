// Sign-in: in the place of whatever view was asked for, which then appears.

import { fill, h } from '../dom.js'
import { t } from '../i18n.js'
import { field, form } from '../parts.js'
import { Problem } from '../api.js'
import { signIn } from '../session.js'

/** @param {HTMLElement} outlet */
export function show(outlet) {
  const email = h('input', {
    type: 'email',
    name: 'email',
    autocomplete: 'username',
    required: true,
    inputMode: 'email',
  })
  const password = h('input', { type: 'password', name: 'password', autocomplete: 'current-password', required: true })
  fill(
    outlet,
    h(
      'div',
      { class: 'sign-in' },
      h('p', { class: 'sign-in-mark', 'aria-hidden': 'true' }, '標'),
      h('h1', null, t('sign_in.title')),
      h('p', { class: 'lead' }, t('sign_in.lead')),
      form(
        [field(t('sign_in.email'), email), field(t('sign_in.password'), password)],
        t('sign_in.submit'),
        async () => {
          const refusal = await attempt(email.value, password.value)
          if (!refusal) return
          password.value = ''
          password.focus()
          throw refusal
        },
      ),
    ),
  )
  email.focus()
}

/** @param {string} email @param {string} password */
async function attempt(email, password) {
  try {
    const refusal = await signIn(email, password)
    if (!refusal) return null
    const isProblem = refusal.headers.get('Content-Type')?.startsWith('application/problem+json')
    return new Problem(refusal.status, isProblem ? await refusal.json() : null)
  } catch {
    return new Problem(0, null)
  }
}
