// Keys for programs and dashboards: one's own, with at most one's own rights.

import { write } from '../api.js'
import { fill, h } from '../dom.js'
import { day, dayFromToday } from '../format.js'
import { t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, dialog, field, form, heading, scopeName, table, tabs, toast } from '../parts.js'
import { me } from '../session.js'
import { showSecret } from './subscriptions.js'

/** @typedef {Schema<'ApiKey'>} ApiKey */

const VALID_DAYS = 365

/** From keys to how they are used, and back. @param {'/api-keys' | '/connect'} current */
export const credentialTabs = current =>
  me()?.role === 'operator'
    ? null
    : tabs([
        { href: '/api-keys', text: t('api_keys.title'), current: current === '/api-keys' },
        { href: '/connect', text: t('connect.title'), current: current === '/connect' },
      ])

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('api_keys.title'))
  /** @type {ReturnType<typeof pages<ApiKey>>} */
  const paged = pages('/v1/api-keys', signal)
  const refresh = await live(context, paged.load, list => {
    const keys = list.items
    fill(
      outlet,
      heading(t('api_keys.title'), {
        lead: t('api_keys.lead'),
        actions: h(
          'button',
          { type: 'button', class: 'primary', onclick: () => add(() => refresh()) },
          t('api_keys.add'),
        ),
      }),
      credentialTabs('/api-keys'),
      keys.length === 0
        ? emptyState(t('api_keys.empty'))
        : table(
            t('api_keys.title'),
            [
              t('api_keys.name'),
              t('users.role'),
              t('subscriptions.scope'),
              t('api_keys.created'),
              t('api_keys.expires'),
              t('api_keys.revoke'),
            ],
            keys.map(key => [
              key.name,
              word('role', key.role),
              scopeName(key.scope),
              day(key.created_at),
              key.expires_at ? day(key.expires_at) : t('api_keys.never'),
              h(
                'button',
                {
                  type: 'button',
                  class: 'plain small',
                  'aria-label': `${t('api_keys.revoke')} ${key.name}`,
                  'data-focus': key.id,
                  onclick: () => revoke(key, () => refresh()),
                },
                t('api_keys.revoke'),
              ),
            ]),
            'cards',
          ),
      pageEnd(list, paged, outlet, () => refresh()),
    )
  })
}

/** @param {() => Promise<void>} done */
function add(done) {
  const caller = me()
  const roles =
    caller?.role === 'viewer' || caller?.role === 'operator' ? [caller.role] : ['viewer', caller?.role ?? 'viewer']
  dialog(t('api_keys.add'), close =>
    form(
      [
        field(
          t('api_keys.name'),
          h('input', { type: 'text', name: 'name', required: true, maxLength: 200 }),
          t('api_keys.name.hint'),
        ),
        field(
          t('users.role'),
          choice(
            'role',
            roles.map(role => [role, word('role', role)]),
            'viewer',
          ),
        ),
        field(
          t('api_keys.expires'),
          h('input', { type: 'date', name: 'expires_at', value: dayFromToday(VALID_DAYS), min: dayFromToday(1) }),
        ),
      ],
      t('api_keys.add'),
      async values => {
        /** @type {Schema<'NewApiKey'>} */
        const made = await write('POST', '/v1/api-keys', {
          name: values.name,
          role: values.role,
          scope: caller?.scope ?? {},
          expires_at: values.expires_at ? `${values.expires_at}T23:59:59+09:00` : null,
        })
        close()
        showSecret(t('api_keys.secret'), made.secret)
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {ApiKey} key @param {() => Promise<void>} done */
function revoke(key, done) {
  dialog(t('api_keys.revoke.title', { name: key.name }), close => [
    h('p', null, t('api_keys.revoke.advice')),
    h(
      'div',
      { class: 'actions' },
      h(
        'button',
        {
          type: 'button',
          class: 'danger',
          onclick: async () => {
            await write('DELETE', `/v1/api-keys/${key.id}`)
            close()
            toast(t('api_keys.revoked'))
            await done()
          },
        },
        t('api_keys.revoke'),
      ),
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  ])
}
