// Accounts: who may do what, where.

import { write } from '../api.js'
import { fill, h } from '../dom.js'
import { day } from '../format.js'
import { t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, dialog, field, form, heading, scopeName, table, toast } from '../parts.js'
import { shape } from '../status.js'

/** @typedef {Schema<'User'>} User */

const ROLES = ['hub', 'prefecture', 'national', 'viewer', 'operator']
const PASSWORD_CHARS_MIN = 8

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('users.title'))
  /** @type {ReturnType<typeof pages<User>>} */
  const paged = pages('/v1/users', signal)
  const refresh = await live(context, paged.load, list => {
    const users = list.items
    fill(
      outlet,
      heading(t('users.title'), {
        actions: h('button', { type: 'button', class: 'primary', onclick: () => add(() => refresh()) }, t('users.add')),
      }),
      users.length === 0
        ? emptyState(t('users.empty'))
        : table(
            t('users.title'),
            [
              t('users.name'),
              t('sign_in.email'),
              t('users.role'),
              t('subscriptions.scope'),
              t('item.status'),
              t('users.since'),
              t('users.change'),
            ],
            users.map(user => [
              user.name,
              user.email,
              word('role', user.role),
              scopeName(user.scope),
              state(user.active),
              day(user.created_at),
              h(
                'button',
                {
                  type: 'button',
                  class: 'plain small',
                  'aria-label': `${t('users.change')} ${user.name}`,
                  'data-focus': user.id,
                  onclick: () => change(user, () => refresh()),
                },
                t('users.change'),
              ),
            ]),
            'cards',
          ),
      pageEnd(list, paged, outlet, () => refresh()),
    )
  })
}

/** @param {boolean} active */
const state = active =>
  active
    ? h('span', { class: 'status tone-good' }, shape('on_track'), t('users.active'))
    : h('span', { class: 'status tone-idle' }, shape('not_applicable'), t('users.closed'))

/** Fields of a role with its scope. @param {string} [role] @param {Schema<'Scope'>} [scope] */
export function roleFields(role = 'hub', scope = {}) {
  return [
    field(
      t('users.role'),
      choice(
        'role',
        ROLES.map(role => [role, word('role', role)]),
        role,
      ),
    ),
    field(
      t('users.prefecture'),
      h('input', {
        type: 'text',
        name: 'scope/prefecture',
        inputMode: 'numeric',
        maxLength: 2,
        value: scope.prefecture ?? '',
      }),
      t('users.prefecture.hint'),
    ),
    field(t('users.hub'), h('input', { type: 'text', name: 'scope/hub', value: scope.hub ?? '' }), t('users.hub.hint')),
  ]
}

/** The scope that the fields name. @param {Record<string, string>} values */
export function scopeOf(values) {
  if (values['scope/hub']) return { hub: values['scope/hub'] }
  if (values['scope/prefecture']) return { prefecture: values['scope/prefecture'] }
  return {}
}

/** @param {() => Promise<void>} done */
function add(done) {
  dialog(t('users.add'), close =>
    form(
      [
        field(
          t('users.name'),
          h('input', { type: 'text', name: 'name', required: true, maxLength: 200, autocomplete: 'off' }),
        ),
        field(t('sign_in.email'), h('input', { type: 'email', name: 'email', required: true, autocomplete: 'off' })),
        field(
          t('sign_in.password'),
          h('input', {
            type: 'password',
            name: 'password',
            required: true,
            minLength: PASSWORD_CHARS_MIN,
            autocomplete: 'new-password',
          }),
          t('users.password.hint'),
        ),
        ...roleFields(),
      ],
      t('users.add'),
      async values => {
        await write('POST', '/v1/users', {
          name: values.name,
          email: values.email,
          password: values.password,
          role: values.role,
          scope: scopeOf(values),
        })
        close()
        toast(t('users.added'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {User} user @param {() => Promise<void>} done */
function change(user, done) {
  const path = `/v1/users/${user.id}`
  dialog(user.name, close =>
    form(
      [
        field(
          t('users.name'),
          h('input', { type: 'text', name: 'name', required: true, maxLength: 200, value: user.name }),
        ),
        field(
          t('users.password.new'),
          h('input', {
            type: 'password',
            name: 'password',
            minLength: PASSWORD_CHARS_MIN,
            autocomplete: 'new-password',
          }),
          t('users.password.change_hint'),
        ),
        ...roleFields(user.role, user.scope),
      ],
      t('users.save'),
      async values => {
        const scope = scopeOf(values)
        /** @type {Record<string, unknown>} */
        const changes = {}
        if (values.name !== user.name) changes.name = values.name
        if (values.password) changes.password = values.password
        if (values.role !== user.role) changes.role = values.role
        if (scopeName(scope) !== scopeName(user.scope)) changes.scope = scope
        await write('PATCH', path, changes)
        close()
        toast(t('users.saved'))
        await done()
      },
      h(
        'button',
        {
          type: 'button',
          class: 'danger',
          onclick: async () => {
            await write('PATCH', path, { active: !user.active })
            close()
            await done()
          },
        },
        t(user.active ? 'users.close' : 'users.reopen'),
      ),
    ),
  )
}
