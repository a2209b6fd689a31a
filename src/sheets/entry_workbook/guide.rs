//! How the form is filled in and sent back, for who opens it for the first time.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::GUIDE_SHEET;
use crate::domain::export::EntryForm;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::sheets::{look, paper};

const WIDTH: f64 = 110.0;

/// What a line is.
enum Line {
    Section(&'static str),
    Text(&'static str),
}
use Line::{Section, Text};

const LINES: [Line; 25] = [
    Section("1. 入力する"),
    Text(
        "「入力」シートの黄色の欄だけに入力します。灰色の欄は書き換えられません。斜線の欄は、その項目では使いません。",
    ),
    Text(
        "実績値には、その月の分だけを入力します。累計は標が計算します。「月末の値」「進捗率」の項目は、月末の値を入力します。",
    ),
    Text("割合の項目は、実績値の代わりに分子と分母を入力します。"),
    Text(
        "すでに報告した値は、はじめから入っています。書き換えて取り込むと、訂正として記録されます。",
    ),
    Section("2. 空欄・0・対象外のちがい"),
    Text(
        "空欄：何も報告しません。すでに報告した値も、そのまま残ります（空欄にしても消えません）。",
    ),
    Text("0：0 件だったと報告します。"),
    Text(
        "対象外：その月はその項目を数えません。「対象外の理由」に理由を入力し、実績値は空欄のままにします。",
    ),
    Text(
        "報告した値を取り消すときは、「取消の理由」という見出しの列を右に加えて理由を入力するか、画面から取り消します（列を加えるには、先にシートの保護を解除します）。",
    ),
    Section("3. 確かめる"),
    Text(
        "「状態」が ◇ 未入力 の項目は、まだ報告が足りません。▲ は、値と理由の両方が入っているか、分子・分母の片方だけです。",
    ),
    Text(
        "見出し（項目コード、実績値など）と、上の対象月・拠点コード・スコアカードキー・スコアカードIDは、取込みの目印です。変えないでください。",
    ),
    Text(
        "シートの保護を解除すれば（パスワードはありません）、行の並べ替えや不要な行の削除もできます。",
    ),
    Section("4. 送る（どれか一つ）"),
    Text(
        "ブラウザ：標の画面を開き、取込みの欄にこのファイルを置きます。何が変わるかを確かめてから確定します。",
    ),
    Text(
        "コマンド：　shirube import このファイル.xlsx --dry-run　で確かめ、--dry-run を外すと確定します。",
    ),
    Text(
        "プログラム：　curl -X POST \"https://（標のアドレス）/v1/imports?dry_run=true\" -H \"X-API-Key: （キー）\" -H \"Content-Type: application/vnd.openxmlformats-officedocument.spreadsheetml.sheet\" --data-binary @このファイル.xlsx",
    ),
    Text("同じファイルを二度送っても、二重には数えません。"),
    Section("5. うまくいかないとき"),
    Text(
        "取り込めない値があると、そのセルの番地と直し方が表示されます。一つでも誤りがあれば、何も取り込まれません。",
    ),
    Text("「承認済み」の月は取り込めません。道府県に差し戻しを依頼してください。"),
    Text("まだ終わっていない月は取り込めません。翌月になってから送ってください。"),
    Text(
        "ファイルにパスワードを付けると読めません。.xlsx のまま保存してください（.xls、マクロ付きは使えません）。",
    ),
    Text("このシートと「ロードマップ」シートは取り込まれません。"),
];

/// Writes the instructions.
pub(super) fn write(sheet: &mut Worksheet, entry: &EntryForm) -> Result<(), XlsxError> {
    sheet.set_name(GUIDE_SHEET)?.set_screen_gridlines(false);
    sheet.set_column_width(0, 12.0)?;
    sheet.set_column_width(1, WIDTH)?;
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    sheet.write_string_with_format(0, 1, "記入方法", &look::title())?;
    sheet.set_row_height(0, 30.0)?;
    for (row, line) in (2..).zip(&LINES) {
        match line {
            Section(text) => {
                sheet.write_string_with_format(row, 1, *text, &look::section())?;
                sheet.set_row_height(row, 26.0)?;
            }
            Text(text) => {
                sheet.write_string_with_format(row, 1, *text, &look::wrapped())?;
                sheet.set_row_height(row, look::height(&[(*text, WIDTH)]))?;
            }
        }
    }
    paper::set_up(sheet, &entry.about, "記入方法");
    sheet.protect();
    Ok(())
}
