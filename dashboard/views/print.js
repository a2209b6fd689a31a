// A scorecard on one page of A4, landscape: figures, what is red, why, and what to do.

import { get } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { fill, h } from '../dom.js'
import { figure, fiscalYear, monthLong, programmeTime, score, share } from '../format.js'
import { language, named, t, word } from '../i18n.js'
import { asKnown, knownAtNote } from '../known_at.js'
import { live } from '../live.js'
import { FLAG_RANK, flagMark, statusMark } from '../status.js'
import { itemsOf, scorecardHead } from './scorecards.js'

/** @typedef {Schema<'EvaluatedScorecard'>} Scorecard */

/** Causes that fit below the figures. */
const CAUSES_MAX = 4

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { query, outlet, signal } = context
  const month = query.get('month')
  const path = asKnown(
    `/v1/scorecards/${encodeURIComponent(context.parameters.id ?? '')}?include=causes,links,alerts${month ? `&month=${encodeURIComponent(month)}` : ''}`,
  )
  await live(
    context,
    () => get(path, signal),
    (/** @type {Scorecard} */ card) => {
      context.setTitle(`${named(card.name)} ${hubName(card.hub)} ${monthLong(card.month)}`)
      fill(
        outlet,
        h(
          'div',
          { class: 'screen-only' },
          scorecardHead(
            card,
            'print',
            h('button', { type: 'button', class: 'primary', onclick: () => window.print() }, t('print.print')),
          ),
        ),
        sheet(card),
      )
    },
  )
}

/** @param {Scorecard} card */
function sheet(card) {
  const short = itemsOf(card)
    .filter(item => item.cause)
    .sort((a, b) => (FLAG_RANK[a.flag] ?? 3) - (FLAG_RANK[b.flag] ?? 3))
    .slice(0, CAUSES_MAX)
  return h(
    'article',
    { class: 'sheet' },
    h(
      'header',
      null,
      h(
        'div',
        null,
        h('p', null, `${named(card.prefecture.name)} ${named(card.hub.name)}`),
        h('h2', null, named(card.name)),
        knownAtNote(),
      ),
      h(
        'div',
        { class: 'sheet-facts' },
        h(
          'p',
          null,
          h('strong', null, monthLong(card.month)),
          ` ${fiscalYear(card.programme.fiscal_year)} ${programmeTime(card.programme)}`,
        ),
        h(
          'p',
          null,
          flagMark(card.flag),
          ` ${t('fact.score')} ${score(card.score)} / ${t('fact.met')} ${card.counts.met} / ${card.counts.due} / ${t('fact.coverage')} ${share(card.coverage)}`,
        ),
      ),
    ),
    h(
      'div',
      {
        class: 'sheet-lanes',
        variables: { lanes: card.perspectives.filter(perspective => perspective.steps.length > 0).length },
      },
      card.perspectives
        .filter(perspective => perspective.steps.length > 0)
        .map(perspective =>
          h(
            'section',
            null,
            h('h3', { class: `lane-${perspective.key}` }, named(perspective.name), ' ', score(perspective.score)),
            h(
              'table',
              null,
              h('caption', { class: 'sr-only' }, named(perspective.name)),
              h(
                'thead',
                null,
                h(
                  'tr',
                  null,
                  [t('item.name'), t('item.actual'), t('item.plan'), t('item.status')].map(text =>
                    h('th', { scope: 'col' }, text),
                  ),
                ),
              ),
              h(
                'tbody',
                null,
                perspective.steps.flatMap(step =>
                  step.items.map(item =>
                    h(
                      'tr',
                      null,
                      h(
                        'th',
                        { scope: 'row' },
                        named(item.name),
                        item.high_hurdle && h('span', { class: 'chip-hurdle' }, `［${t('map.hurdle')}］`),
                      ),
                      h('td', { class: 'number' }, figure(item.actual, item.unit, item.measure)),
                      h('td', { class: 'number' }, figure(item.plan, item.unit, item.measure)),
                      h('td', null, statusMark(item.status, item.flag)),
                    ),
                  ),
                ),
              ),
            ),
          ),
        ),
    ),
    short.length > 0 &&
      h(
        'section',
        { class: 'sheet-causes' },
        h('h3', null, t('cause.title')),
        h(
          'ul',
          null,
          short.map(item =>
            h(
              'li',
              null,
              statusMark(item.status, item.flag),
              h('strong', null, ` ${named(item.name)} `),
              item.reason[language()],
              ' ',
              item.cause &&
                `${word('cause', item.cause.kind)}${item.cause.root_causes.some(root => root.item !== item.key) ? `（${item.cause.root_causes.map(root => named(root.item_name)).join('、')}）` : ''}`,
              item.cause &&
                item.cause.remedies.length > 0 &&
                ` → ${t('cause.remedies')}：${item.cause.remedies
                  .slice(0, 3)
                  .map(remedy => named(remedy.item_name))
                  .join('、')}`,
            ),
          ),
        ),
      ),
    h('footer', null, t('print.footer', { version: card.plan_version, revision: card.revision })),
  )
}
