// The prefectures: which take part, and what kind of market each has.

import { getAll, write } from '../api.js'
import { fill, h } from '../dom.js'
import { language, named, t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { choice, dialog, field, form, heading, table, tabs, toast } from '../parts.js'
import { PREFECTURES } from '../prefecture_names.js'
import { me } from '../session.js'

/** @typedef {Schema<'Prefecture'>} Prefecture @typedef {Schema<'Hub'>} Hub */

const MARKETS = /** @type {const} */ (['mature', 'growth', 'challenge'])
const NAME_CHARS_MAX = 200

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('prefectures.title'))
  const load = steady(
    () =>
      /** @type {Promise<[Prefecture[], Hub[]]>} */ (
        Promise.all([getAll('/v1/prefectures', signal), getAll('/v1/hubs', signal)])
      ),
  )
  const refresh = await live(context, load, ([prefectures, hubs]) => {
    const left = PREFECTURES.filter(({ code }) => !prefectures.some(known => known.code === code))
    fill(
      outlet,
      heading(t('prefectures.title'), {
        lead: t('prefectures.lead'),
        actions:
          mayWrite() &&
          left.length > 0 &&
          h(
            'button',
            { type: 'button', class: 'primary', onclick: () => add(left, () => refresh()) },
            t('prefectures.add'),
          ),
      }),
      organisationTabs('prefectures'),
      prefectures.length === 0 ? emptyState(t('prefectures.empty')) : listTable(prefectures, hubs, () => refresh()),
    )
  })
}

/** Only the national office changes organisations. */
export const mayWrite = () => me()?.role === 'national'

/** @param {'prefectures' | 'hubs'} current */
export const organisationTabs = current =>
  tabs([
    { href: '/prefectures', text: t('prefectures.title'), current: current === 'prefectures' },
    { href: '/hubs', text: t('hubs.title'), current: current === 'hubs' },
  ])

/** @param {Prefecture[]} prefectures @param {Hub[]} hubs @param {() => Promise<void>} refresh */
function listTable(prefectures, hubs, refresh) {
  return table(
    t('prefectures.title'),
    [
      t('overview.prefecture'),
      t('prefectures.code'),
      t('fact.market'),
      t('hubs.title'),
      ...(mayWrite() ? [t('users.change')] : []),
    ],
    prefectures.map(prefecture => [
      named(prefecture.name),
      prefecture.code,
      word('market_type', prefecture.market_type),
      h(
        'a',
        {
          href: `/hubs?prefecture=${prefecture.code}`,
        },
        t('prefectures.hubs', { count: hubs.filter(hub => hub.prefecture.code === prefecture.code).length }),
      ),
      ...(mayWrite()
        ? [
            h(
              'button',
              {
                type: 'button',
                class: 'plain small',
                'aria-label': `${t('users.change')} ${named(prefecture.name)}`,
                'data-focus': prefecture.code,
                onclick: () => change(prefecture, refresh),
              },
              t('users.change'),
            ),
          ]
        : []),
    ]),
    'cards',
  )
}

/** @param {string} value */
const marketField = value =>
  field(
    t('fact.market'),
    choice(
      'market_type',
      MARKETS.map(market => [
        market,
        `${word('market_type', market)}${t('prefectures.market.join')}${word('prefectures.market', market)}`,
      ]),
      value,
    ),
    t('prefectures.market.hint'),
  )

/** A name in both languages. @param {{ja: string, en: string}} [name] */
export const nameFields = name => [
  field(
    t('organisations.name.ja'),
    h('input', { type: 'text', name: 'name/ja', required: true, maxLength: NAME_CHARS_MAX, value: name?.ja ?? '' }),
  ),
  field(
    t('organisations.name.en'),
    h('input', { type: 'text', name: 'name/en', required: true, maxLength: NAME_CHARS_MAX, value: name?.en ?? '' }),
  ),
]

/** @param {Record<string, string>} values */
export const nameOf = values => ({ ja: values['name/ja'] ?? '', en: values['name/en'] ?? '' })

/** @param {typeof PREFECTURES} left @param {() => Promise<void>} done */
function add(left, done) {
  dialog(t('prefectures.add'), close =>
    form(
      [
        field(
          t('overview.prefecture'),
          choice(
            'code',
            left.map(({ code, name }) => [code, `${code} ${name[language()]}`]),
            left[0]?.code ?? '',
          ),
        ),
        marketField('growth'),
      ],
      t('prefectures.add'),
      async values => {
        const chosen = left.find(({ code }) => code === values.code)
        await write('POST', '/v1/prefectures', {
          code: values.code,
          name: chosen?.name,
          market_type: values.market_type,
        })
        close()
        toast(t('organisations.added'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {Prefecture} prefecture @param {() => Promise<void>} done */
function change(prefecture, done) {
  dialog(named(prefecture.name), close =>
    form(
      [...nameFields(prefecture.name), marketField(prefecture.market_type)],
      t('users.save'),
      async values => {
        const name = nameOf(values)
        /** @type {Record<string, unknown>} */
        const changes = {}
        if (name.ja !== prefecture.name.ja || name.en !== prefecture.name.en) changes.name = name
        if (values.market_type !== prefecture.market_type) changes.market_type = values.market_type
        if (Object.keys(changes).length > 0) await write('PATCH', `/v1/prefectures/${prefecture.code}`, changes)
        close()
        toast(t('users.saved'))
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}
