// One destination: its settings, what was sent to it and how that went.

import { get, write } from '../api.js'
import { fill, h } from '../dom.js'
import { moment } from '../format.js'
import { t, word } from '../i18n.js'
import { emptyState, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { dialog, heading, scopeName, table, toast } from '../parts.js'
import { go } from '../router.js'
import { me } from '../session.js'
import { shape } from '../status.js'
import { activeMark } from './subscriptions.js'

/** @typedef {Schema<'Delivery'>} Delivery @typedef {Schema<'Subscription'>} Subscription */

/** @type {Record<string, [string, string]>} */
const TONES = {
  delivered: ['good', 'achieved'],
  queued: ['idle', 'not_due'],
  leased: ['idle', 'not_due'],
  retry_wait: ['watch', 'at_risk'],
  exhausted: ['red', 'behind'],
  failed: ['red', 'behind'],
  parked: ['watch', 'no_data'],
  cancelled: ['idle', 'not_applicable'],
}

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const path = `/v1/subscriptions/${encodeURIComponent(context.parameters.id ?? '')}`
  const maySteer = ['national', 'prefecture'].includes(me()?.role ?? '')
  /** @type {ReturnType<typeof pages<Delivery>>} */
  const paged = pages(`${path}/deliveries`, signal)
  /** @returns {Promise<[Subscription, import('../paging.js').Paged<Delivery>]>} */
  const load = () => Promise.all([get(path, signal), paged.load()])
  const refresh = await live(context, load, ([subscription, deliveries]) => {
    context.setTitle(subscription.name)
    fill(
      outlet,
      heading(subscription.name, {
        trail: [h('a', { href: '/subscriptions' }, t('subscriptions.title'))],
        lead: [
          activeMark(subscription.state),
          ` ${word('channel', subscription.channel)} / ${subscription.address} / ${scopeName(subscription.scope)} / ${word('cadence', subscription.cadence)}`,
        ],
        actions: maySteer && actions(subscription, path, () => refresh()),
      }),
      h(
        'section',
        { class: 'panel' },
        h('h2', null, t('deliveries.title')),
        deliveries.items.length === 0
          ? emptyState(t('deliveries.empty'))
          : deliveryTable(deliveries.items, maySteer, () => refresh()),
        pageEnd(deliveries, paged, outlet, () => refresh()),
      ),
    )
  })
}

/** @param {Subscription} subscription @param {string} path @param {() => Promise<void>} refresh */
function actions(subscription, path, refresh) {
  const send = (/** @type {() => Promise<unknown>} */ work, /** @type {string} */ done) => async () => {
    await work()
    toast(done)
    await refresh()
  }
  return [
    h(
      'button',
      {
        type: 'button',
        class: 'primary',
        disabled: subscription.state !== 'active',
        onclick: send(() => write('POST', `${path}/test`, {}), t('subscriptions.tested')),
      },
      t('subscriptions.test'),
    ),
    h(
      'button',
      {
        type: 'button',
        onclick: send(
          () => write('PATCH', path, { state: subscription.state === 'active' ? 'disabled' : 'active' }),
          t('subscriptions.changed'),
        ),
      },
      t(subscription.state === 'active' ? 'subscriptions.deactivate' : 'subscriptions.activate'),
    ),
    h(
      'button',
      {
        type: 'button',
        class: 'danger',
        onclick: () =>
          dialog(t('subscriptions.delete.title', { name: subscription.name }), close => [
            h('p', null, t('subscriptions.delete.advice')),
            h(
              'div',
              { class: 'actions' },
              h(
                'button',
                {
                  type: 'button',
                  class: 'danger',
                  onclick: async () => {
                    await write('DELETE', path)
                    close()
                    go('/subscriptions')
                  },
                },
                t('subscriptions.delete'),
              ),
              h('button', { type: 'button', onclick: close }, t('action.cancel')),
            ),
          ]),
      },
      t('subscriptions.delete'),
    ),
  ]
}

/** @param {Delivery[]} deliveries @param {boolean} maySteer @param {() => Promise<void>} refresh */
function deliveryTable(deliveries, maySteer, refresh) {
  return table(
    t('deliveries.title'),
    [
      t('deliveries.created'),
      t('deliveries.event'),
      t('item.status'),
      t('deliveries.attempts'),
      t('deliveries.last'),
      t('deliveries.replay'),
    ],
    deliveries.map(delivery => {
      const [tone, mark] = TONES[delivery.state] ?? ['idle', 'untargeted']
      return [
        moment(delivery.created_at),
        word('event', delivery.event),
        h('span', { class: `status tone-${tone}` }, shape(mark ?? ''), word('delivery', delivery.state)),
        String(delivery.attempt_count),
        moment(delivery.ended_at ?? delivery.due_at),
        maySteer &&
          h(
            'button',
            {
              type: 'button',
              class: 'plain small',
              'data-focus': delivery.id,
              'aria-label': `${t('deliveries.replay')} ${moment(delivery.created_at)}`,
              onclick: async () => {
                await write('POST', `/v1/deliveries/${delivery.id}/replay`, {})
                toast(t('deliveries.replayed'))
                await refresh()
              },
            },
            t('deliveries.replay'),
          ),
      ]
    }),
    'cards',
  )
}
