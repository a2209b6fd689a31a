// Who did what: every change, the latest first.

import { getAll } from '../api.js'
import { fill, h } from '../dom.js'
import { moment, monthLong } from '../format.js'
import { named, t, word } from '../i18n.js'
import { emptyState, live, steady } from '../live.js'
import { pageEnd, pages } from '../paging.js'
import { heading, table } from '../parts.js'
import { me } from '../session.js'

/**
 * @typedef {Schema<'List_AuditEntry'>['items'][number]} Entry
 * @typedef {Schema<'List_ScorecardSummary'>['items'][number]} Card
 */

const MONTH = /^\d{4}-\d{2}$/
/** Identifiers tell people nothing. */
const IDENTIFIER = /^[0-9a-f]{8}-[0-9a-f-]{27}$/
const INSTANT = /^\d{4}-\d{2}-\d{2}T/

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  context.setTitle(t('audit.title'))
  /** @type {ReturnType<typeof pages<Entry>>} */
  const paged = pages('/v1/audit', signal)
  // Operators see what was done, and no data.
  const cards = steady(async () =>
    me()?.role === 'operator' ? [] : /** @type {Card[]} */ (await getAll('/v1/scorecards', signal)),
  )
  /** @returns {Promise<[import('../paging.js').Paged<Entry>, Card[]]>} */
  const load = async () => {
    const list = await paged.load()
    return [list, await cards()]
  }
  const refresh = await live(context, load, ([list, cards]) => {
    const names = new Map(cards.map(card => [card.id, named(card.name)]))
    fill(
      outlet,
      heading(t('audit.title'), { lead: t('audit.lead') }),
      list.items.length === 0
        ? emptyState(t('audit.empty'))
        : table(
            t('audit.title'),
            [t('history.at'), t('audit.actor'), t('audit.action'), t('audit.subject'), t('audit.detail')],
            list.items.map(entry => [
              h('span', { class: 'nowrap' }, moment(entry.at)),
              entry.actor,
              word('audit', entry.action),
              subject(entry, names),
              detail(entry),
            ]),
            'cards',
          ),
      pageEnd(list, paged, outlet, () => refresh()),
    )
  })
}

/** @param {Entry} entry @param {Map<string, string>} names */
function subject(entry, names) {
  const place = [
    entry.prefecture && `${word('scope', 'prefecture')} ${entry.prefecture}`,
    entry.hub && `${word('scope', 'hub')} ${entry.hub}`,
  ]
    .filter(Boolean)
    .join(' / ')
  const name = entry.scorecard ? names.get(entry.scorecard) : undefined
  return [
    name ? h('a', { href: `/scorecards/${entry.scorecard}` }, name) : word('audit.kind', entry.subject_kind),
    place && h('span', { class: 'quiet block' }, place),
  ]
}

/** What changed, as far as it says anything. @param {Entry} entry */
function detail(entry) {
  const facts = Object.entries(entry.detail).filter(
    ([, value]) => value !== null && value !== 0 && typeof value !== 'object' && !IDENTIFIER.test(String(value)),
  )
  return h(
    'ul',
    { class: 'audit-detail' },
    facts.map(([name, value]) =>
      h('li', null, h('span', { class: 'quiet' }, word('audit.detail', name)), ' ', shown(value)),
    ),
  )
}

/** @param {unknown} value */
function shown(value) {
  const text = String(value)
  if (MONTH.test(text)) return monthLong(text)
  return INSTANT.test(text) ? moment(text) : text
}
