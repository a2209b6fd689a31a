// One alert: its months, its cause, what was done about it, and what can be done now.

import { get, write } from '../api.js'
import { hubName } from '../charts/heat_map.js'
import { planActual } from '../charts/plan_actual.js'
import { fill, h } from '../dom.js'
import { day, dayFromToday, figure, moment, monthLong, share } from '../format.js'
import { named, t, word } from '../i18n.js'
import { live } from '../live.js'
import { chart, dialog, field, form, heading, table, toast } from '../parts.js'
import { me } from '../session.js'
import { statusMark } from '../status.js'
import { severity } from './alerts.js'
import { causeDetail, itemsOf } from './scorecards.js'

/** @typedef {Schema<'AlertDetail'>} Alert */

/** An answer is due after so many days, unless another day is chosen. */
const DUE_DAYS = 30

/** @param {import('../live.js').Context} context */
export async function show(context) {
  const { outlet, signal } = context
  const path = `/v1/alerts/${encodeURIComponent(context.parameters.id ?? '')}`
  /** @returns {Promise<[Alert, Schema<'EvaluatedScorecard'>]>} */
  const load = async () => {
    /** @type {Alert} */
    const alert = await get(path, signal)
    return [alert, await get(`/v1/scorecards/${alert.scorecard}?month=${alert.month}`, signal)]
  }
  const refresh = await live(context, load, ([alert, card]) => {
    const names = new Map(itemsOf(card).map(item => [item.key, named(item.name)]))
    context.setTitle(`${named(alert.item_name)} ${t('alerts.title')}`)
    fill(
      outlet,
      heading(named(alert.item_name), {
        trail: [
          h('a', { href: '/alerts' }, t('alerts.title')),
          h(
            'a',
            { href: `/scorecards/${alert.scorecard}?month=${alert.month}&item=${alert.item}` },
            named(alert.scorecard_name),
          ),
          hubName(alert.hub),
        ],
        lead: [severity(alert), ' ', t('alerts.since', { month: monthLong(alert.opened_month) })],
        actions: actions(alert, path, () => refresh()),
      }),
      answerPanel(alert),
      reviewPanel(alert),
      figures(alert),
      alert.cause && h('section', { class: 'panel' }, h('h2', null, t('cause.title')), causeDetail(alert.cause, names)),
      alert.folded.length > 0 &&
        h(
          'section',
          { class: 'panel' },
          h('h2', null, t('alerts.consequences')),
          h(
            'ul',
            null,
            alert.folded.map(folded => h('li', null, named(folded.item_name), ' ', share(folded.attainment))),
          ),
        ),
      timeline(alert),
    )
  })
}

/** @param {Alert} alert */
function answerPanel(alert) {
  const { acknowledgement, silence } = alert
  if (!acknowledgement && !silence)
    return alert.state === 'open' ? h('p', { class: 'notice' }, t('alerts.unanswered.advice')) : null
  const fact = (/** @type {string} */ name, /** @type {string} */ value) =>
    h('div', { class: 'fact' }, h('dt', null, name), h('dd', null, value))
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('alerts.answer')),
    acknowledgement &&
      h(
        'dl',
        { class: 'fact-row' },
        fact(t('answer.cause'), acknowledgement.cause),
        fact(t('answer.action'), acknowledgement.action),
        fact(t('answer.owner'), acknowledgement.owner),
        fact(t('answer.due'), day(acknowledgement.due)),
        fact(t('answer.by'), `${acknowledgement.by} ${moment(acknowledgement.at)}`),
      ),
    silence && h('p', null, t('alerts.silenced_until', { until: moment(silence.until), reason: silence.reason })),
  )
}

/** What a review concluded, and the revision that answers the alert. @param {Alert} alert */
function reviewPanel({ review, scorecard }) {
  if (!review) return null
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('alerts.reviewed')),
    h('p', { class: 'prose' }, review.note),
    h(
      'p',
      null,
      review.revision &&
        h(
          'a',
          { href: `/scorecards/${scorecard}/revisions/${review.revision}` },
          t('alerts.reviewed.revision', { version: review.revision }),
        ),
      ' ',
      h('span', { class: 'quiet' }, `${review.by} ${moment(review.at)}`),
    ),
  )
}

/** @param {Alert} alert */
function figures(alert) {
  const { months } = alert
  const title = t('plan_actual.title', { item: named(alert.item_name) })
  const points = {
    months: months.map(({ month }) => month),
    actual: months.map(({ actual }) => actual ?? null),
    plan: months.map(({ plan }) => plan ?? null),
    target: months.map(() => null),
    status: months.map(({ status }) => status ?? 'no_data'),
    flag: months.map(({ flag }) => flag ?? 'none'),
    unit: alert.unit,
    measure: alert.measure,
  }
  return chart(
    title,
    planActual(title, points),
    table(
      title,
      [t('item.month'), t('item.actual'), t('item.plan'), t('item.attainment'), t('item.status')],
      months.map(month => [
        monthLong(month.month),
        figure(month.actual, alert.unit, alert.measure),
        figure(month.plan, alert.unit, alert.measure),
        share(month.attainment),
        statusMark(month.status ?? 'no_data', month.flag ?? 'none'),
      ]),
    ),
  )
}

/** What the caller may do. @param {Alert} alert @param {string} path @param {() => Promise<void>} refresh */
function actions(alert, path, refresh) {
  const role = me()?.role ?? ''
  if (!['national', 'prefecture', 'hub'].includes(role)) return null
  const isOpen = alert.state === 'open'
  const area = (/** @type {string} */ name) => h('textarea', { name, required: true, maxLength: 4000 })
  /** @param {import('../i18n.js').WordKey} key @param {string} to @param {() => import('../dom.js').Children} fields @param {(values: Record<string, string>) => object} [body] */
  const ask =
    (key, to, fields, body = values => values) =>
    () => {
      dialog(t(key), close =>
        form(
          fields(),
          t(key),
          async values => {
            await write('POST', `${path}/${to}`, body(values))
            close()
            toast(t('alerts.done'))
            await refresh()
          },
          h('button', { type: 'button', onclick: close }, t('action.cancel')),
        ),
      )
    }
  const release = async () => {
    await write('DELETE', `${path}/silence`)
    await refresh()
  }
  return [
    role !== 'hub' &&
      isOpen &&
      h(
        'button',
        {
          type: 'button',
          class: 'primary',
          onclick: ask('alerts.acknowledge', 'acknowledge', () => [
            field(t('answer.cause'), area('cause'), t('answer.cause.hint')),
            field(t('answer.action'), area('action'), t('answer.action.hint')),
            field(t('answer.owner'), h('input', { type: 'text', name: 'owner', required: true, maxLength: 200 })),
            field(
              t('answer.due'),
              h('input', {
                type: 'date',
                name: 'due',
                required: true,
                value: dayFromToday(DUE_DAYS),
                min: dayFromToday(),
              }),
            ),
          ]),
        },
        t('alerts.acknowledge'),
      ),
    isOpen &&
      h(
        'a',
        { class: 'button', href: `/scorecards/${alert.scorecard}/revisions/new?alert=${alert.id}` },
        t('alerts.plan'),
      ),
    role !== 'hub' &&
      isOpen &&
      h(
        'button',
        {
          type: 'button',
          onclick: ask('alerts.review', 'review', () => [
            h('p', null, t('alerts.review.advice')),
            field(t('alerts.review.note'), area('note')),
          ]),
        },
        t('alerts.review'),
      ),
    h(
      'button',
      {
        type: 'button',
        onclick: ask('alerts.comment', 'comments', () => field(t('alerts.comment.text'), area('text'))),
      },
      t('alerts.comment'),
    ),
    role !== 'hub' &&
      isOpen &&
      (alert.silence
        ? h('button', { type: 'button', onclick: release }, t('alerts.unsilence'))
        : h(
            'button',
            {
              type: 'button',
              class: 'plain',
              onclick: ask(
                'alerts.silence',
                'silence',
                () => [
                  field(t('decision.reason'), area('reason')),
                  field(
                    t('decision.until'),
                    h('input', {
                      type: 'date',
                      name: 'until',
                      required: true,
                      value: dayFromToday(DUE_DAYS),
                      min: dayFromToday(1),
                    }),
                  ),
                ],
                values => ({ reason: values.reason, until: `${values.until}T23:59:59+09:00` }),
              ),
            },
            t('alerts.silence'),
          )),
  ]
}

/** @param {Alert} alert */
function timeline(alert) {
  return h(
    'section',
    { class: 'panel' },
    h('h2', null, t('alerts.timeline')),
    h(
      'ol',
      { class: 'timeline' },
      alert.timeline
        .toReversed()
        .map(event =>
          h(
            'li',
            null,
            h(
              'p',
              null,
              h('strong', null, word('timeline', event.kind)),
              ' ',
              h('span', { class: 'quiet' }, moment(event.at), event.by && ` ${event.by}`),
            ),
            h('p', null, detailText(event.detail)),
          ),
        ),
    ),
  )
}

/** The words of a step of the timeline. @param {unknown} detail */
function detailText(detail) {
  const given = /** @type {Record<string, unknown>} */ (detail ?? {})
  const texts = ['text', 'cause', 'action', 'reason', 'note'].flatMap(name =>
    typeof given[name] === 'string' ? [given[name]] : [],
  )
  const month = typeof given.month === 'string' ? monthLong(given.month) : ''
  const attained = typeof given.attainment === 'number' ? `${t('item.attainment')} ${share(given.attainment)}` : ''
  return [month, attained, ...texts].filter(Boolean).join(' ')
}
