// Two versions of a plan, old and new.

import { get } from '../api.js'
import { fill, h } from '../dom.js'
import { named, t } from '../i18n.js'
import { live } from '../live.js'
import { namesOf } from '../plan.js'
import { changeTable } from '../plan_changes.js'
import { comparison } from './revisions.js'
import { scorecardHead } from './scorecards.js'

/**
 * @typedef {Schema<'EvaluatedScorecard'>} Scorecard
 * @typedef {import('../plan.js').Plan} Plan
 * @typedef {[Scorecard, {items: Schema<'PlanVersion'>[]}, Schema<'PlanDifference'>, Plan, Plan]} Loaded
 */

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const base = `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}`
  const asked = new URLSearchParams(
    ['from', 'to'].flatMap(name => {
      const value = query.get(name)
      return value ? [[name, value]] : []
    }),
  )
  /** @returns {Promise<Loaded>} */
  const load = async () => {
    /** @type {[Scorecard, Loaded[1], Loaded[2]]} */
    const [card, versions, difference] = await Promise.all([
      get(base, signal),
      get(`${base}/plan/versions`, signal),
      get(`${base}/plan/diff?${asked}`, signal),
    ])
    const plan = (/** @type {number} */ version) => get(`${base}/plan?version=${version}`, signal)
    return [card, versions, difference, ...(await Promise.all([plan(difference.from), plan(difference.to)]))]
  }
  await live(context, load, ([card, { items: versions }, { from, to, changes }, old, now]) => {
    context.setTitle(`${t('changes.title')} ${named(card.name)}`)
    fill(
      outlet,
      scorecardHead(card, 'revisions'),
      h('h2', null, t('changes.between', { from, to })),
      comparison(card.id, versions, from, to),
      changeTable(changes, {
        start: card.start_month,
        names: namesOf(old, now),
        parameters: now.parameter_definitions,
      }),
    )
  })
}
