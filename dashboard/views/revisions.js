// The versions of a plan and what was proposed to change it: the latest first.

import { get } from '../api.js'
import { fill, h } from '../dom.js'
import { lastEndedMonth, addMonths, moment, monthLong } from '../format.js'
import { named, t } from '../i18n.js'
import { live } from '../live.js'
import { choice, scrolling } from '../parts.js'
import { changeWord, versionIn } from '../plan.js'
import { go } from '../router.js'
import { me } from '../session.js'
import { scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'List_RevisionSummary'>['items'][number]} Summary
 * @typedef {Schema<'PlanVersion'>} Version
 */

/** @type {Record<string, string>} */
const STATE_TONES = { proposed: 'watch', in_force: 'good', rejected: 'idle' }

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  /** @returns {Promise<[Scorecard, {items: Summary[]}, {items: Version[]}]>} */
  const load = () =>
    Promise.all([
      get(`${base}?include=alerts`, signal),
      get(`${base}/revisions`, signal),
      get(`${base}/plan/versions`, signal),
    ])
  await live(context, load, ([card, { items: revisions }, { items: versions }]) => {
    context.setTitle(`${t('tab.revisions')} ${named(card.name)}`)
    fill(
      outlet,
      scorecardHead(card, 'revisions', mayPropose() && proposeLink(card)),
      h('p', { class: 'lead' }, t('revisions.lead')),
      waiting(card, revisions),
      revisions.length === 0 && h('p', null, t('revisions.empty')),
      versionTable(card, revisions, versions),
      versions.length > 1 && comparison(card.id, versions),
    )
  })
}

export const mayPropose = () => ['national', 'prefecture', 'hub'].includes(me()?.role ?? '')
export const mayDecide = () => ['national', 'prefecture'].includes(me()?.role ?? '')

/** @param {string} state */
export const revisionState = state =>
  h('span', { class: `status tone-${STATE_TONES[state] ?? 'idle'}` }, stateWord(state))

/** @param {string} state */
const stateWord = state =>
  state === 'proposed' ? t('revision.proposed') : state === 'rejected' ? t('revision.rejected') : t('revision.in_force')

/** @param {{id: string}} card */
const proposeLink = card =>
  h(
    'a',
    { class: 'button primary', href: `/scorecards/${card.id}/revisions/new` },
    t(mayDecide() ? 'revisions.revise' : 'revisions.propose'),
  )

/** What waits for a decision is said first. @param {Scorecard} card @param {Summary[]} revisions */
function waiting(card, revisions) {
  const open = revisions.filter(revision => revision.state === 'proposed')
  if (open.length === 0) return null
  return h(
    'section',
    { class: 'notice' },
    h('strong', null, t('revisions.waiting', { count: open.length })),
    ' ',
    open.flatMap(({ version }) => [
      h('a', { href: `/scorecards/${card.id}/revisions/${version}` }, t('fact.version', { version })),
      ' ',
    ]),
    mayDecide() ? t('revisions.waiting.decide') : t('revisions.waiting.hub'),
  )
}

/** @param {Scorecard} card @param {Summary[]} revisions @param {Version[]} versions */
function versionTable(card, revisions, versions) {
  const current = versionIn(versions, addMonths(lastEndedMonth(), 1))
  const first = versions.filter(({ version }) => !revisions.some(revision => revision.version === version))
  const columns = [
    t('revisions.version'),
    t('revisions.effective'),
    t('revisions.changes'),
    t('revisions.reason'),
    t('revisions.author'),
  ]
  return scrolling(
    t('tab.revisions'),
    h(
      'table',
      { class: 'cards' },
      h('caption', { class: 'sr-only' }, t('tab.revisions')),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(text => h('th', { scope: 'col' }, text)),
        ),
      ),
      h(
        'tbody',
        null,
        revisions.toReversed().map(revision => row(card, revision, revision.version === current?.version, columns)),
        first.toReversed().map(version => firstRow(version, version.version === current?.version, columns)),
      ),
    ),
  )
}

/** @param {Scorecard} card @param {Summary} revision @param {boolean} isCurrent @param {string[]} columns */
function row(card, revision, isCurrent, columns) {
  const { version } = revision
  const alert = (card.alerts ?? []).find(alert => alert.id === revision.alert)
  return h(
    'tr',
    null,
    h(
      'th',
      { scope: 'row' },
      h(
        'a',
        { href: `/scorecards/${card.id}/revisions/${version}`, 'data-focus': `version-${version}` },
        t('fact.version', { version }),
      ),
      ' ',
      revisionState(revision.state),
      isCurrent && currentChip(),
    ),
    h('td', { class: 'nowrap', 'data-label': columns[1] }, monthLong(revision.effective_month)),
    h('td', { 'data-label': columns[2] }, brief(revision.changes)),
    h(
      'td',
      { 'data-label': columns[3] },
      h('span', { class: 'clamp' }, revision.reason),
      revision.alert &&
        h(
          'span',
          { class: 'block' },
          h(
            'a',
            { href: `/alerts/${revision.alert}` },
            alert ? t('revision.alert_of', { item: named(alert.item_name) }) : t('revision.alert'),
          ),
        ),
    ),
    h(
      'td',
      { 'data-label': columns[4] },
      revision.author,
      h('span', { class: 'quiet block' }, moment(revision.proposed_at)),
    ),
  )
}

/** The plan as it was made. @param {Version} version @param {boolean} isCurrent @param {string[]} columns */
function firstRow(version, isCurrent, columns) {
  return h(
    'tr',
    null,
    h('th', { scope: 'row' }, t('fact.version', { version: version.version }), ' ', isCurrent ? currentChip() : null),
    h('td', { class: 'nowrap', 'data-label': columns[1] }, monthLong(version.effective_month)),
    h('td', { 'data-label': columns[2] }, t('revisions.first')),
    h('td', { 'data-label': columns[3] }, version.reason),
    h(
      'td',
      { 'data-label': columns[4] },
      version.author,
      h('span', { class: 'quiet block' }, moment(version.created_at)),
    ),
  )
}

const currentChip = () => h('span', { class: 'chip chip-current' }, t('revisions.current'))

/** How many changes of each kind. @param {Schema<'ChangeLine'>[]} changes */
function brief(changes) {
  /** @type {Map<string, number>} */
  const counts = new Map()
  for (const change of changes) counts.set(changeWord(change), (counts.get(changeWord(change)) ?? 0) + 1)
  return h(
    'ul',
    null,
    [...counts].map(([text, count]) => h('li', null, t('revisions.count', { text, count }))),
  )
}

/** Any two versions side by side. @param {string} id @param {Version[]} versions */
export function comparison(id, versions, from = versions[0]?.version ?? 1, to = versions.at(-1)?.version ?? 1) {
  /** @type {[string, string][]} */
  const options = versions.map(({ version, effective_month }) => [
    String(version),
    t('revisions.option', { version, month: monthLong(effective_month) }),
  ])
  const open = () => go(`/scorecards/${id}/plan/diff?from=${older.value}&to=${newer.value}`)
  const older = choice('from', options, String(from))
  const newer = choice('to', options, String(to))
  older.dataset.focus = 'from'
  newer.dataset.focus = 'to'
  return h(
    'section',
    { class: 'controls screen-only', 'aria-label': t('revisions.compare.title') },
    h('label', { class: 'control' }, h('span', null, t('revisions.from')), older),
    h('label', { class: 'control' }, h('span', null, t('revisions.to')), newer),
    h('button', { type: 'button', onclick: open }, t('revisions.compare')),
  )
}
