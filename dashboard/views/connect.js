// Connecting other tools: what to paste into each, with this server's address, and the keys and
// links that they read with.

import { Problem, write } from '../api.js'
import {
  curl,
  grafanaQueries,
  grafanaSource,
  powerQueryCsv,
  powerQueryPages,
  python,
  sheetFormula,
} from '../connect_guides.js'
import { fill, h } from '../dom.js'
import { day, dayFromToday, fiscalYear, fiscalYearOf, lastEndedMonth } from '../format.js'
import { t } from '../i18n.js'
import { emptyState, errorState, explained, live } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { choice, dialog, field, foldable, form, heading, scopeName, table, toast } from '../parts.js'
import { me } from '../session.js'
import { credentialTabs } from './api_keys.js'
import { showSecret } from './subscriptions.js'

/** @typedef {Schema<'FactLink'>} FactLink */

const VALID_DAYS = 365
const YEARS_BACK = 3
const EXAMPLE = '/v1/facts/link/shl_your-link'

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('connect.title'))
  if (me()?.role === 'operator') {
    fill(outlet, errorState(new Problem(403, null)))
    return
  }
  const server = location.origin
  const links = h('div', { class: 'stack' })
  /** @type {ReturnType<typeof pages<FactLink>>} */
  const paged = pages('/v1/fact-links', signal)
  let isDrawn = false
  const refresh = await live(context, paged.load, list => {
    if (!isDrawn) {
      isDrawn = true
      fill(
        outlet,
        heading(t('connect.title'), { lead: t('connect.lead') }),
        credentialTabs('/connect'),
        credentials(() => refresh()),
        guides(server),
        h(
          'section',
          { class: 'panel' },
          h('h2', null, t('connect.links')),
          h('p', null, t('connect.links.lead')),
          links,
        ),
      )
    }
    fill(
      links,
      list.items.length === 0 ? emptyState(t('connect.links.empty')) : linkTable(list.items, () => refresh()),
      pageEnd(list, paged, links, () => refresh()),
    )
  })
}

/** What a tool proves its right to read with. @param {() => Promise<void>} refresh */
function credentials(refresh) {
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('connect.first')),
    h('p', null, t('connect.first.lead')),
    h(
      'div',
      { class: 'actions' },
      h('button', { type: 'button', class: 'primary', onclick: addKey }, t('connect.key')),
      h('button', { type: 'button', onclick: () => addLink(refresh) }, t('connect.link')),
    ),
  )
}

/** @param {string} server */
function guides(server) {
  return h(
    'section',
    { class: 'stack' },
    h('h2', null, t('connect.tools')),
    foldable(
      t('connect.power_query'),
      [
        h('p', null, t('connect.power_query.steps')),
        snippet(t('connect.power_query.csv'), powerQueryCsv(server)),
        snippet(t('connect.power_query.pages'), powerQueryPages(server)),
      ],
      { open: true, name: 'power-query' },
    ),
    foldable(
      t('connect.sheets'),
      [h('p', null, t('connect.sheets.steps')), snippet(t('connect.sheets.cell'), sheetFormula(server + EXAMPLE))],
      { name: 'sheets' },
    ),
    foldable(
      t('connect.grafana'),
      [
        h('p', null, t('connect.grafana.steps')),
        snippet(t('connect.grafana.source'), grafanaSource(server)),
        snippet(t('connect.grafana.queries'), grafanaQueries(server).join('\n')),
      ],
      { name: 'grafana' },
    ),
    foldable(
      t('connect.scripts'),
      [
        h('p', null, t('connect.scripts.steps')),
        snippet(t('connect.scripts.curl'), curl(server)),
        snippet(t('connect.scripts.python'), python(server)),
      ],
      { name: 'scripts' },
    ),
  )
}

/** Text to be pasted elsewhere. @param {string} name @param {string} text */
function snippet(name, text) {
  const code = h('code', null, text)
  return h(
    'figure',
    { class: 'stack-small' },
    h('figcaption', null, name),
    h('pre', { class: 'snippet', tabIndex: 0, role: 'region', 'aria-label': name }, code),
    h(
      'button',
      { type: 'button', class: 'small', 'aria-label': t('connect.copy_of', { name }), onclick: () => void copy(code) },
      t('secret.copy'),
    ),
  )
}

/** Copies; where the browser has no clipboard for this page, the text is marked instead. @param {HTMLElement} code */
async function copy(code) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(code.textContent ?? '')
    toast(t('secret.copied'))
    return
  }
  window.getSelection()?.selectAllChildren(code)
  toast(t('connect.marked'))
}

/** A key that reads, and nothing more. */
function addKey() {
  dialog(t('connect.key'), close =>
    form(
      [h('p', null, t('connect.key.lead')), nameField('Power BI'), expiryField()],
      t('connect.key'),
      async values => {
        /** @type {Schema<'NewApiKey'>} */
        const made = await write('POST', '/v1/api-keys', {
          name: values.name,
          role: 'viewer',
          scope: me()?.scope ?? {},
          expires_at: expiryOf(values),
        })
        close()
        showSecret(t('api_keys.secret'), made.secret)
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {() => Promise<void>} refresh */
function addLink(refresh) {
  const year = fiscalYearOf(lastEndedMonth())
  dialog(t('connect.link'), close =>
    form(
      [
        h('p', null, t('connect.link.lead')),
        nameField('Google Sheets'),
        field(
          t('connect.link.fiscal_year'),
          choice(
            'fiscal_year',
            [
              ['', t('connect.link.every_year')],
              ...Array.from(
                { length: YEARS_BACK + 1 },
                (_, index) => /** @type {[string, string]} */ ([String(year - index), fiscalYear(year - index)]),
              ),
            ],
            String(year),
          ),
        ),
        expiryField(),
      ],
      t('connect.link'),
      async values => {
        /** @type {Schema<'NewFactLink'>} */
        const made = await write('POST', '/v1/fact-links', {
          name: values.name,
          filters: values.fiscal_year ? { fiscal_year: Number(values.fiscal_year) } : {},
          format: 'csv',
          encoding: 'utf-8',
          expires_at: expiryOf(values),
        })
        close()
        showSecret(t('connect.link.made'), sheetFormula(new URL(made.url, location.origin).href))
        await refresh()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    ),
  )
}

/** @param {string} name */
const nameField = name =>
  field(
    t('api_keys.name'),
    h('input', { type: 'text', name: 'name', required: true, maxLength: 200, value: name }),
    t('connect.name.hint'),
  )

const expiryField = () =>
  field(
    t('api_keys.expires'),
    h('input', { type: 'date', name: 'expires_at', value: dayFromToday(VALID_DAYS), min: dayFromToday(1) }),
  )

/** @param {Record<string, string>} values */
const expiryOf = values => (values.expires_at ? `${values.expires_at}T23:59:59+09:00` : null)

/** @param {FactLink[]} links @param {() => Promise<void>} refresh */
function linkTable(links, refresh) {
  return table(
    t('connect.links'),
    [
      t('api_keys.name'),
      t('subscriptions.scope'),
      t('connect.links.filters'),
      t('api_keys.created'),
      t('api_keys.expires'),
      t('api_keys.revoke'),
    ],
    links.map(link => [
      link.name,
      scopeName(link.scope),
      [
        link.format.toUpperCase(),
        h(
          'span',
          { class: 'quiet block' },
          Object.entries(link.filters)
            .map(([name, value]) => `${name}=${value}`)
            .join(' '),
        ),
      ],
      day(link.created_at),
      link.expires_at ? day(link.expires_at) : t('api_keys.never'),
      h(
        'button',
        {
          type: 'button',
          class: 'plain small',
          'aria-label': `${t('api_keys.revoke')} ${link.name}`,
          'data-focus': link.id,
          onclick: () => revoke(link, refresh),
        },
        t('api_keys.revoke'),
      ),
    ]),
    'cards',
  )
}

/** @param {FactLink} link @param {() => Promise<void>} refresh */
function revoke(link, refresh) {
  const message = h('div', { class: 'message', role: 'alert' })
  dialog(t('api_keys.revoke.title', { name: link.name }), close => {
    const button = h('button', { type: 'button', class: 'danger' }, t('api_keys.revoke'))
    button.addEventListener('click', async () => {
      button.disabled = true
      try {
        await write('DELETE', `/v1/fact-links/${encodeURIComponent(link.id)}`)
        close()
        toast(t('api_keys.revoked'))
        await refresh()
      } catch (error) {
        fill(message, h('p', null, explained(error).join(' ')))
        button.disabled = false
      }
    })
    return [
      h('p', null, t('connect.link.revoke')),
      message,
      h('div', { class: 'actions' }, button, h('button', { type: 'button', onclick: close }, t('action.cancel'))),
    ]
  })
}
