// What a prefecture decides about a month: approve it, return it, reopen it.

import { write } from '../api.js'
import { h } from '../dom.js'
import { dayFromToday, monthLong } from '../format.js'
import { t } from '../i18n.js'
import { dialog, field, form, toast } from '../parts.js'
import { me } from '../session.js'

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
