// The hubs, by prefecture, and the way to a new scorecard.

import { getAll, write } from '../api.js'
import { fill, h } from '../dom.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, dialog, field, form, heading, table, toast } from '../parts.js'
import { go, withQuery } from '../router.js'
import { me } from '../session.js'
import { mayWrite, nameFields, nameOf, organisationTabs } from './prefectures.js'

/** @typedef {Schema<'Prefecture'>} Prefecture @typedef {Schema<'Hub'>} Hub */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  context.setTitle(t('hubs.title'))
  const prefecture = query.get('prefecture')
  /** @type {ReturnType<typeof pages<Hub>>} */
  const paged = pages(`/v1/hubs${prefecture ? `?prefecture=${encodeURIComponent(prefecture)}` : ''}`, signal)
  const places = steady(() => /** @type {Promise<Prefecture[]>} */ (getAll('/v1/prefectures', signal)))
  /** @returns {Promise<[import('../paging.js').Paged<Hub>, Prefecture[]]>} */
  const load = () => Promise.all([paged.load(), places()])
  const refresh = await live(context, load, ([list, prefectures]) => {
    fill(
      outlet,
      heading(t('hubs.title'), {
        lead: t('hubs.lead'),
        actions:
          mayWrite() &&
          prefectures.length > 0 &&
          h(
            'button',
            { type: 'button', class: 'primary', onclick: () => add(prefectures, prefecture, () => refresh()) },
            t('hubs.add'),
          ),
      }),
      organisationTabs('hubs'),
      prefectures.length > 1 && filter(prefectures, prefecture),
      list.items.length === 0 ? emptyState(t('hubs.empty')) : listTable(list.items, () => refresh()),
      pageEnd(list, paged, outlet, () => refresh()),
    )
  })
}

/** @param {Prefecture[]} prefectures @param {string | null} current */
function filter(prefectures, current) {
  const select = choice(
    'prefecture',
    [
      ['', t('overview.all')],
      ...prefectures.map(({ code, name }) => /** @type {[string, string]} */ ([code, named(name)])),
    ],
    current ?? '',
    value => go(withQuery({ prefecture: value || null })),
  )
  select.dataset.focus = 'prefecture'
  return h(
    'div',
    { class: 'controls' },
    h('label', { class: 'control' }, h('span', null, t('overview.prefecture')), select),
  )
}

/** @param {Hub[]} hubs @param {() => Promise<void>} refresh */
function listTable(hubs, refresh) {
  const maySteer = ['national', 'prefecture'].includes(me()?.role ?? '')
  return table(
    t('hubs.title'),
    [
      t('hubs.name'),
      t('users.hub'),
      t('overview.prefecture'),
      t('fact.market'),
      ...(maySteer ? [t('months.decide')] : []),
    ],
    hubs.map(hub => [
      named(hub.name),
      hub.code,
      named(hub.prefecture.name),
      word('market_type', hub.market_type),
      ...(maySteer
        ? [
            h(
              'div',
              { class: 'actions' },
              h(
                'a',
                {
                  class: 'button',
                  href: `/scorecards/new?hub=${encodeURIComponent(hub.code)}`,
                  'aria-label': `${t('scorecards.new')} ${named(hub.name)}`,
                },
                t('scorecards.new'),
              ),
              mayWrite() &&
                h(
                  'button',
                  {
                    type: 'button',
                    class: 'plain',
                    'aria-label': `${t('hubs.rename')} ${named(hub.name)}`,
                    'data-focus': hub.code,
                    onclick: () => rename(hub, refresh),
                  },
                  t('hubs.rename'),
                ),
            ),
          ]
        : []),
    ]),
    'cards',
  )
}

/** @param {Prefecture[]} prefectures @param {string | null} current @param {() => Promise<void>} done */
function add(prefectures, current, done) {
  dialog(t('hubs.add'), close =>
    form(
      [
        field(
          t('overview.prefecture'),
          choice(
            'prefecture',
            prefectures.map(({ code, name }) => [code, `${code} ${named(name)}`]),
            current ?? prefectures[0]?.code ?? '',
          ),
          t('hubs.prefecture.hint'),
        ),
        ...nameFields(),
        field(
          t('users.hub'),
          h('input', { type: 'text', name: 'code', required: true, autocomplete: 'off', spellcheck: false }),
          t('hubs.code.hint'),
        ),
      ],
      t('hubs.add'),
      async values => {
        await write('POST', '/v1/hubs', { code: values.code, name: nameOf(values), prefecture: values.prefecture })
        close()
        toast(t('organisations.added'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {Hub} hub @param {() => Promise<void>} done */
function rename(hub, done) {
  dialog(t('hubs.rename'), close =>
    form(
      nameFields(hub.name),
      t('users.save'),
      async values => {
        await write('PATCH', `/v1/hubs/${encodeURIComponent(hub.code)}`, { name: nameOf(values) })
        close()
        toast(t('users.saved'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}
