// Who is told: destinations of notices, tried and followed up here.

import { getAll, write } from '../api.js'
import { fill, h } from '../dom.js'
import { t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { choice, dialog, field, form, heading, scopeName, table, toast } from '../parts.js'
import { me } from '../session.js'
import { shape } from '../status.js'

/** @typedef {Schema<'Subscription'>} Subscription */

const CHANNELS = ['email', 'slack', 'teams', 'chatwork', 'line_works', 'webhook']

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('subscriptions.title'))
  const maySteer = ['national', 'prefecture'].includes(me()?.role ?? '')
  const load = steady(() => /** @type {Promise<Subscription[]>} */ (getAll('/v1/subscriptions', signal)))
  const refresh = await live(context, load, list => {
    fill(
      outlet,
      heading(t('subscriptions.title'), {
        lead: t('subscriptions.lead'),
        actions:
          maySteer &&
          h(
            'button',
            { type: 'button', class: 'primary', onclick: () => add(() => refresh()) },
            t('subscriptions.add'),
          ),
      }),
      list.length === 0 ? emptyState(t('subscriptions.empty')) : listTable(list),
    )
  })
}

/** @param {Subscription[]} list */
function listTable(list) {
  return table(
    t('subscriptions.title'),
    [
      t('subscriptions.name'),
      t('subscriptions.channel'),
      t('subscriptions.scope'),
      t('subscriptions.cadence'),
      t('item.status'),
    ],
    list.map(subscription => [
      h('a', { href: `/subscriptions/${subscription.id}`, 'data-focus': subscription.id }, subscription.name),
      [word('channel', subscription.channel), h('span', { class: 'quiet block' }, subscription.address)],
      scopeName(subscription.scope),
      word('cadence', subscription.cadence),
      activeMark(subscription.state),
    ]),
  )
}

/** @param {string} state */
export const activeMark = state =>
  state === 'active'
    ? h('span', { class: 'status tone-good' }, shape('on_track'), t('subscriptions.active'))
    : h('span', { class: 'status tone-amber' }, shape('behind'), t('subscriptions.disabled'))

/** @param {() => Promise<void>} done */
function add(done) {
  const target = h('div', { class: 'field-group' })
  const channel = choice(
    'channel',
    CHANNELS.map(code => [code, word('channel', code)]),
    'email',
  )
  const draw = () =>
    fill(
      target,
      channel.value === 'email'
        ? field(
            t('subscriptions.recipients'),
            h('textarea', { name: 'recipients', required: true, rows: 3 }),
            t('subscriptions.recipients.hint'),
          )
        : channel.value === 'chatwork'
          ? [
              field(
                t('subscriptions.room'),
                h('input', { type: 'text', name: 'chatwork/room', required: true, inputMode: 'numeric' }),
              ),
              field(
                t('subscriptions.token'),
                h('input', { type: 'password', name: 'chatwork/token', required: true, autocomplete: 'off' }),
              ),
            ]
          : field(
              t('subscriptions.url'),
              h('input', { type: 'url', name: 'url', required: true, placeholder: 'https' }),
              t('subscriptions.url.hint'),
            ),
    )
  channel.addEventListener('change', draw)
  draw()
  dialog(t('subscriptions.add'), close =>
    form(
      [
        field(t('subscriptions.name'), h('input', { type: 'text', name: 'name', required: true, maxLength: 200 })),
        field(t('subscriptions.channel'), channel),
        target,
        field(
          t('subscriptions.cadence'),
          choice(
            'cadence',
            [
              ['immediate', word('cadence', 'immediate')],
              ['monthly', word('cadence', 'monthly')],
            ],
            'immediate',
          ),
        ),
        field(
          t('subscriptions.language'),
          choice(
            'language',
            [
              ['ja', '日本語'],
              ['en', 'English'],
            ],
            'ja',
          ),
        ),
      ],
      t('subscriptions.add'),
      async values => {
        /** @type {Record<string, unknown>} */
        const body = { name: values.name, channel: values.channel, cadence: values.cadence, language: values.language }
        if (values.channel === 'email') body.recipients = (values.recipients ?? '').split(/[\s,、;]+/).filter(Boolean)
        else if (values.channel === 'chatwork')
          body.chatwork = { room: values['chatwork/room'], token: values['chatwork/token'] }
        else body.url = values.url
        /** @type {Schema<'NewSubscription'>} */
        const made = await write('POST', '/v1/subscriptions', body)
        close()
        if (made.secret) showSecret(t('subscriptions.secret'), made.secret)
        else toast(t('subscriptions.added'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** A secret that is never shown again. @param {string} title @param {string} secret */
export function showSecret(title, secret) {
  const copy = () => navigator.clipboard.writeText(secret).then(() => toast(t('secret.copied')))
  dialog(title, close => [
    h('p', null, t('secret.once')),
    h('p', null, h('code', { class: 'secret', tabIndex: 0 }, secret)),
    h(
      'div',
      { class: 'actions' },
      // Browsers have no clipboard for pages that come without encryption.
      navigator.clipboard && h('button', { type: 'button', class: 'primary', onclick: copy }, t('secret.copy')),
      h('button', { type: 'button', onclick: close }, t('action.close')),
    ),
  ])
}
