// What a prefecture decides about a month: approve it, return it, reopen it.

import { write } from '../api.js'
import { fill, h } from '../dom.js'
import { dayFromToday, monthLong } from '../format.js'
import { t } from '../i18n.js'
import { explained } from '../live.js'
import { dialog, field, form, toast } from '../parts.js'
import { me } from '../session.js'
import { shape } from '../status.js'

/** A reopened month is closed again after so many days, unless another day is chosen. */
const REOPEN_DAYS = 14

/**
 * The decisions that a month's state allows the caller.
 * @param {{id: string, revision?: number}} card @param {string} month @param {string} state @param {() => Promise<void>} done
 */
export function decisionActions(card, month, state, done) {
  if (!['national', 'prefecture'].includes(me()?.role ?? '')) return null
  const path = `/v1/scorecards/${card.id}/months/${month}`
  const options = card.revision === undefined ? {} : { revision: card.revision }
  /** @param {'approve' | 'return' | 'reopen'} what @param {import('../dom.js').Children} fields @param {(values: Record<string, string>) => object} body */
  const ask = (what, fields, body) => () => {
    dialog(t(`decision.${what}.title`, { month: monthLong(month) }), close =>
      form(
        fields,
        t(`decision.${what}`),
        async values => {
          await write('POST', `${path}/${what}`, body(values), options)
          close()
          toast(t(`decision.${what}.done`))
          await done()
        },
        h('button', { type: 'button', onclick: close }, t('action.cancel')),
      ),
    )
  }
  const text = (/** @type {string} */ name, required = true) => h('textarea', { name, required, maxLength: 4000 })
  return h(
    'div',
    { class: 'actions' },
    state !== 'approved' &&
      h(
        'button',
        {
          type: 'button',
          class: 'primary',
          onclick: ask('approve', field(t('decision.note'), text('note', false)), values =>
            values.note ? { note: values.note } : {},
          ),
        },
        t('decision.approve'),
      ),
    state !== 'returned' &&
      h(
        'button',
        {
          type: 'button',
          onclick: ask('return', field(t('decision.return.note'), text('note')), values => ({ note: values.note })),
        },
        t('decision.return'),
      ),
    state === 'approved' &&
      h(
        'button',
        {
          type: 'button',
          onclick: ask(
            'reopen',
            [
              field(t('decision.reason'), text('reason')),
              field(
                t('decision.until'),
                h('input', {
                  type: 'date',
                  name: 'until',
                  required: true,
                  value: dayFromToday(REOPEN_DAYS),
                  min: dayFromToday(1),
                  max: dayFromToday(89),
                }),
              ),
            ],
            values => ({ reason: values.reason, until: `${values.until}T23:59:59+09:00` }),
          ),
        },
        t('decision.reopen'),
      ),
  )
}

/**
 * Decides about several months, one after the other, and says of each what came of it.
 * @param {'approve' | 'return'} what
 * @param {{id: string, month: string, name: string}[]} months
 * @param {() => Promise<void>} done
 */
export function decideAboutMany(what, months, done) {
  const results = h('ul', { class: 'outcomes', 'aria-live': 'polite' })
  const title = t(`decision.${what}.many`, { count: months.length })
  dialog(title, close => {
    const body = h('div', { class: 'preview' })
    const ask = form(
      [
        h(
          'ul',
          { class: 'outcomes' },
          months.map(({ name }) => h('li', null, name)),
        ),
        field(
          t(what === 'return' ? 'decision.return.note' : 'decision.note'),
          h('textarea', { name: 'note', required: what === 'return', maxLength: 4000 }),
        ),
      ],
      title,
      async values => {
        fill(body, results)
        for (const { id, month, name } of months) {
          const line = h('li', null, name, ' ', h('span', { class: 'spinner small' }))
          results.append(line)
          fill(line, name, ' ', await outcomeOf(what, id, month, values.note))
        }
        const end = h('button', { type: 'button', class: 'primary', onclick: close }, t('action.close'))
        body.append(h('div', { class: 'actions' }, end))
        end.focus()
        await done()
      },
      h('button', { type: 'button', onclick: close }, t('action.cancel')),
    )
    fill(body, ask)
    return body
  })
}

/** @param {'approve' | 'return'} what @param {string} id @param {string} month @param {string | undefined} note */
async function outcomeOf(what, id, month, note) {
  try {
    await write('POST', `/v1/scorecards/${id}/months/${month}/${what}`, note ? { note } : {})
    return h('span', { class: 'status tone-good' }, shape('achieved'), t(`decision.${what}.done`))
  } catch (error) {
    const [title, advice] = explained(error)
    return h('span', { class: 'field-error' }, title, ' ', advice)
  }
}
