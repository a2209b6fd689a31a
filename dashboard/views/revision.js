// One revision: what it changes, what speaks against it, and the decision about it.

import { get, Problem, write } from '../api.js'
import { fill, h } from '../dom.js'
import { moment, monthLong } from '../format.js'
import { language, named, t } from '../i18n.js'
import { live } from '../live.js'
import { dialog, field, form, toast } from '../parts.js'
import { namesOf } from '../plan.js'
import { changeTable } from '../plan_changes.js'
import { mayDecide, mayPropose, revisionState } from './revisions.js'
import { scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {Schema<'Revision'>} Revision
 * @typedef {import('../plan.js').Plan} Plan
 */

const NOTE_CHARS_MAX = 4000

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  const path = `${base}/revisions/${encodeURIComponent(context.parameters.version ?? '')}`
  /** @returns {Promise<[Scorecard, Revision, Plan]>} */
  const load = async () => {
    /** @type {[Scorecard, Revision]} */
    const [card, revision] = await Promise.all([get(`${base}?include=alerts`, signal), get(path, signal)])
    return [card, revision, await get(`${base}/plan?version=${revision.base_version}`, signal)]
  }
  const refresh = await live(context, load, ([card, revision, plan]) => {
    const { version, base_version: from } = revision
    context.setTitle(`${t('fact.version', { version })} ${named(card.name)}`)
    fill(
      outlet,
      scorecardHead(
        card,
        'revisions',
        decisions(card.id, path, revision, () => refresh()),
      ),
      h('h2', { class: 'item-title' }, t('revision.title', { version }), ' ', revisionState(revision.state)),
      facts(card, revision),
      conflicts(card.id, revision),
      remarks(revision.warnings),
      h('h2', null, t('revision.changes', { from })),
      changeTable(revision.changes, {
        start: card.start_month,
        names: namesOf(plan),
        parameters: plan.parameter_definitions,
      }),
    )
  })
}

/** @param {Scorecard} card @param {Revision} revision */
function facts(card, revision) {
  const fact = (/** @type {string} */ name, /** @type {import('../dom.js').Children} */ value) =>
    h('div', { class: 'fact' }, h('dt', null, name), h('dd', null, value))
  const alert = (card.alerts ?? []).find(alert => alert.id === revision.alert)
  return h(
    'section',
    { class: 'panel' },
    h(
      'dl',
      { class: 'fact-row' },
      fact(t('revisions.effective'), t('revision.from_month', { month: monthLong(revision.effective_month) })),
      fact(t('revisions.author'), `${revision.author} ${moment(revision.proposed_at)}`),
      revision.decided_by &&
        fact(
          t(revision.state === 'rejected' ? 'revision.rejected_by' : 'revision.approved_by'),
          `${revision.decided_by} ${moment(revision.decided_at)}`,
        ),
      revision.alert &&
        fact(
          t('revision.alert'),
          h('a', { href: `/alerts/${revision.alert}` }, alert ? named(alert.item_name) : t('cause.alert_open')),
        ),
    ),
    h('div', { class: 'fact' }, h('h3', null, t('revisions.reason')), h('p', { class: 'prose' }, revision.reason)),
    revision.note &&
      h('div', { class: 'fact' }, h('h3', null, t('revision.note')), h('p', { class: 'prose' }, revision.note)),
  )
}

/** Why a proposal cannot come into force, and what to do. @param {string} id @param {Revision} revision */
function conflicts(id, revision) {
  if (revision.conflicts.length === 0) return null
  return h(
    'section',
    { class: 'message', role: 'status' },
    h('strong', null, t('revision.outdated')),
    h(
      'ul',
      { class: 'bullets' },
      revision.conflicts.map(issue => h('li', null, issue.message[language()])),
    ),
    h('p', null, t('revision.outdated.advice'), ' ', again(id, revision.version)),
  )
}

/** @param {string} id @param {number} version */
const again = (id, version) =>
  mayPropose() &&
  h('a', { href: `/scorecards/${id}/revisions/new?from=${version}`, 'data-focus': 'again' }, t('revision.again'))

/** Remarks that refuse nothing. @param {Schema<'Issue'>[]} warnings @param {import('../i18n.js').WordKey} [title] */
export function remarks(warnings, title = 'revision.warnings') {
  if (warnings.length === 0) return null
  return h(
    'section',
    { class: 'notice' },
    h('strong', null, t(title)),
    h(
      'ul',
      { class: 'bullets' },
      warnings.map(issue => h('li', null, issue.message[language()])),
    ),
  )
}

/** @param {string} id @param {string} path @param {Revision} revision @param {() => Promise<void>} refresh */
function decisions(id, path, revision, refresh) {
  if (revision.state === 'rejected') return again(id, revision.version)
  if (revision.state !== 'proposed' || !mayDecide()) return null
  /** @param {'approve' | 'reject'} what */
  const ask = what => () => {
    const note = h('textarea', { name: 'note', required: what === 'reject', maxLength: NOTE_CHARS_MAX })
    dialog(t(`revision.${what}.title`, { version: revision.version }), close =>
      form(
        [
          h('p', null, t(`revision.${what}.advice`, { month: monthLong(revision.effective_month) })),
          field(t('revision.note'), note, t(`revision.${what}.hint`)),
        ],
        t(`revision.${what}`),
        async values => {
          try {
            await write('POST', `${path}/${what}`, values.note ? { note: values.note } : {})
          } catch (error) {
            // What stands behind the dialog says who was faster, or what has changed.
            if (error instanceof Problem && error.status === 409) await refresh()
            throw error
          }
          close()
          toast(t(`revision.${what}.done`))
          await refresh()
        },
        h('button', { type: 'button', onclick: close }, t('action.cancel')),
      ),
    )
  }
  return [
    h('button', { type: 'button', class: 'primary', onclick: ask('approve') }, t('revision.approve')),
    h('button', { type: 'button', onclick: ask('reject') }, t('revision.reject')),
  ]
}
