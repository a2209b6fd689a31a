//! Charts that Excel itself draws, from the cells of a sheet of their own.

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartMarker,
    ChartMarkerType, ChartSolidFill, ChartType, Color, Worksheet, XlsxError,
};

use super::{CHARTS_SHEET, DATA_SHEET};
use crate::domain::amount::Exact;
use crate::domain::export::headings::NOT_IMPORTED;
use crate::domain::export::words::month_with_era;
use crate::domain::export::{FunnelBar, MonthlyReport, Trend};
use crate::domain::words::unit_name;
use crate::sheets::{look, paper};

/// Where the figures of the funnel begin in the sheet of data.
const FUNNEL_ROW: u32 = 3;
/// Columns of the sheet of data.
const NAME: u16 = 0;
const PLAN: u16 = 1;
const ACTUAL: u16 = 2;
/// What stands under a column of a chart.
const SHORT_NAME: u16 = 3;
const NAME_WIDTH: f64 = 36.0;
const PLAN_COLOUR: Color = Color::RGB(0x00A6_A6A6);
const GRID_COLOUR: Color = Color::RGB(0x00D9_D9D9);

/// Pixels of the sheet that charts stand on.
const FULL_WIDTH: u32 = 1_278;
const HALF_WIDTH: u32 = 630;
const TREND_HEIGHT: u32 = 300;
const FUNNEL_HEIGHT: u32 = 130;
const BAR_HEIGHT: u32 = 46;
const COLUMN_PIXELS: u32 = 72;
/// From here on an axis needs no decimals.
const LARGE: i64 = 10;
const TITLE_POINTS: f64 = 12.0;
const LABEL_POINTS: f64 = 9.0;
/// The first row with a chart.
const FIRST_ROW: u32 = 3;

/// Writes the sheet of charts.
pub(super) fn write(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    sheet.set_name(CHARTS_SHEET)?.set_screen_gridlines(false);
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = format!("計画と実績　{}まで", month_with_era(report.month));
    sheet.write_string_with_format(1, 0, title, &look::section())?;
    let mut row = FIRST_ROW;
    if !report.funnel.is_empty() {
        let bars = u32::try_from(report.funnel.len()).unwrap_or(0);
        let height = FUNNEL_HEIGHT + bars * BAR_HEIGHT;
        let mut chart = funnel(&report.funnel);
        chart.set_width(FULL_WIDTH).set_height(height);
        sheet.insert_chart(row, 0, &chart)?;
        row += height / look::ROW_PIXELS + 2;
    }
    let beside = u16::try_from((FULL_WIDTH - HALF_WIDTH) / COLUMN_PIXELS + 1).unwrap_or(0);
    for (index, trend) in report.trends.iter().enumerate() {
        let mut chart = chart_of(trend, trend_row(report, index), report.year.len());
        chart.set_width(HALF_WIDTH).set_height(TREND_HEIGHT);
        let is_left = index % 2 == 0;
        sheet.insert_chart(row, if is_left { 0 } else { beside }, &chart)?;
        if !is_left || index + 1 == report.trends.len() {
            row += TREND_HEIGHT / look::ROW_PIXELS + 2;
        }
    }
    if report.funnel.is_empty() && report.trends.is_empty() {
        let none = "図にする項目（件数を数える項目、ハードルの高い項目）がありません。";
        sheet.write_string_with_format(row, 0, none, &look::plain())?;
        row += 1;
    }
    let subject = format!("{}分 計画と実績", month_with_era(report.month));
    paper::set_up(sheet, &report.about, &subject);
    // All of it on one page.
    sheet.set_portrait().set_print_fit_to_pages(1, 1);
    let last = u16::try_from(FULL_WIDTH / COLUMN_PIXELS + 1).unwrap_or(0);
    sheet.set_print_area(1, 0, row, last)?;
    Ok(())
}

/// Writes the cells that the charts are drawn from.
pub(super) fn write_data(sheet: &mut Worksheet, report: &MonthlyReport) -> Result<(), XlsxError> {
    sheet.set_name(DATA_SHEET)?;
    sheet.set_column_width(NAME, NAME_WIDTH)?;
    sheet.write_string_with_format(0, 0, NOT_IMPORTED, &look::remark())?;
    let title = "グラフの元データ（この月までの累計など、計画と比べる値）";
    sheet.write_string_with_format(1, 0, title, &look::section())?;
    write_heading(sheet, FUNNEL_ROW - 1, "ステップ")?;
    for (row, bar) in (FUNNEL_ROW..).zip(&report.funnel) {
        sheet.write_string_with_format(row, NAME, &bar.name, &look::cell())?;
        write_figures(sheet, row, &bar.plan, bar.actual.as_ref())?;
    }
    for (index, trend) in report.trends.iter().enumerate() {
        let first = trend_row(report, index);
        write_heading(sheet, first - 1, &title_of(trend))?;
        let figures = trend.plan.iter().zip(&trend.actual);
        for ((row, month), (plan, actual)) in (first..).zip(&report.year).zip(figures) {
            let name = format!("{}年{}月", month.year(), month.month_of_year());
            sheet.write_string_with_format(row, NAME, name, &look::cell())?;
            let short = format!("{}月", month.month_of_year());
            sheet.write_string_with_format(row, SHORT_NAME, short, &look::cell())?;
            write_figures(sheet, row, plan, actual.as_ref())?;
        }
    }
    paper::set_up(sheet, &report.about, "グラフの元データ");
    Ok(())
}

/// The first row of a trend's figures in the sheet of data.
fn trend_row(report: &MonthlyReport, index: usize) -> u32 {
    let rows = |count: usize| u32::try_from(count).unwrap_or(0);
    let block = rows(report.year.len()) + 2;
    FUNNEL_ROW + rows(report.funnel.len()) + 2 + rows(index) * block
}

fn write_heading(sheet: &mut Worksheet, row: u32, name: &str) -> Result<(), XlsxError> {
    sheet.set_row_height(row, look::height(&[(name, NAME_WIDTH)]))?;
    for (column, text) in [(NAME, name), (PLAN, "計画"), (ACTUAL, "実績")] {
        sheet.write_string_with_format(row, column, text, &look::heading())?;
    }
    Ok(())
}

fn write_figures(
    sheet: &mut Worksheet,
    row: u32,
    plan: &Exact,
    actual: Option<&Exact>,
) -> Result<(), XlsxError> {
    for (column, value) in [(PLAN, Some(plan)), (ACTUAL, actual)] {
        match value {
            Some(value) => {
                let decimals = if value.is_whole() {
                    "#,##0"
                } else {
                    "#,##0.00"
                };
                let format = format!("{decimals};△{decimals}");
                let cell = look::number().set_num_format(format);
                sheet.write_number_with_format(row, column, value.to_f64(), &cell)?;
            }
            None => {
                sheet.write_blank(row, column, &look::cell())?;
            }
        }
    }
    Ok(())
}

fn title_of(trend: &Trend) -> String {
    let item = &trend.line.item;
    let unit = unit_name(item.measure, &item.unit).ja;
    if unit.is_empty() {
        item.name.ja.clone()
    } else {
        format!("{}（{unit}）", item.name.ja)
    }
}

/// Plan and actual of every step, the first one on top.
pub(super) fn funnel(bars: &[FunnelBar]) -> Chart {
    let last = FUNNEL_ROW + u32::try_from(bars.len()).unwrap_or(1) - 1;
    let mut chart = Chart::new(ChartType::Bar);
    let planned = labels(bars.iter().map(|bar| &bar.plan));
    let actual = labels(bars.iter().filter_map(|bar| bar.actual.as_ref()));
    for (column, name, colour, labels) in [
        (PLAN, "計画", PLAN_COLOUR, planned),
        (ACTUAL, "実績", look::BLUE, actual),
    ] {
        chart
            .add_series()
            .set_name(name)
            .set_categories((DATA_SHEET, FUNNEL_ROW, NAME, last, NAME))
            .set_values((DATA_SHEET, FUNNEL_ROW, column, last, column))
            .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(colour)))
            .set_gap(60)
            .set_data_label(&labels);
    }
    dress(&mut chart, "各ステップの計画と実績（この月まで）");
    // Of a bar chart, the steps stand along y.
    chart.y_axis().set_reverse();
    chart.x_axis().set_major_gridlines(false).set_hidden(true);
    chart
}

/// An item by month: the plan as a line, the actual as columns.
fn chart_of(trend: &Trend, first: u32, months: usize) -> Chart {
    let last = first + u32::try_from(months).unwrap_or(1).saturating_sub(1);
    let categories = (DATA_SHEET, first, SHORT_NAME, last, SHORT_NAME);
    let mut chart = Chart::new(ChartType::Column);
    chart
        .add_series()
        .set_name("実績")
        .set_categories(categories)
        .set_values((DATA_SHEET, first, ACTUAL, last, ACTUAL))
        .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(look::BLUE)))
        .set_gap(60)
        .set_custom_data_labels(&last_labelled(trend));
    let mut line = Chart::new(ChartType::Line);
    line.add_series()
        .set_name("計画")
        .set_categories(categories)
        .set_values((DATA_SHEET, first, PLAN, last, PLAN))
        .set_format(
            ChartFormat::new().set_line(ChartLine::new().set_color(look::GREY).set_width(2.25)),
        )
        .set_marker(
            ChartMarker::new()
                .set_type(ChartMarkerType::Diamond)
                .set_size(7)
                .set_format(
                    ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(look::GREY)),
                ),
        );
    chart.combine(&line);
    dress(&mut chart, &title_of(trend));
    let line = ChartLine::new().set_color(GRID_COLOUR).clone();
    let is_large = trend.plan.iter().any(|plan| *plan >= Exact::whole(LARGE));
    let axis = match (look::is_share(&trend.line.item), is_large) {
        (true, _) => "0%",
        (false, true) => "#,##0",
        (false, false) => "General",
    };
    chart
        .y_axis()
        .set_num_format(axis)
        .set_major_gridlines_line(&line);
    let mut figures = trend.plan.iter().chain(trend.actual.iter().flatten());
    if figures.all(|figure| *figure >= Exact::zero()) {
        chart.y_axis().set_min(0);
    }
    chart
}

/// Labels with as many decimals as the figures need.
fn labels<'a>(mut figures: impl Iterator<Item = &'a Exact>) -> ChartDataLabel {
    label(if figures.all(Exact::is_whole) {
        "#,##0"
    } else {
        "#,##0.0"
    })
}

/// The last figure of an item, and no other: the line of the plan would run
/// through the rest.
fn last_labelled(trend: &Trend) -> Vec<ChartDataLabel> {
    let format = if look::is_share(&trend.line.item) {
        "0.0%"
    } else if trend.actual.iter().flatten().all(Exact::is_whole) {
        "#,##0"
    } else {
        "#,##0.0"
    };
    let last = trend.actual.iter().rposition(Option::is_some);
    let labels = (0..trend.actual.len()).map(|index| {
        if Some(index) == last {
            label(format).to_custom()
        } else {
            ChartDataLabel::new().set_hidden().to_custom()
        }
    });
    labels.collect()
}

fn label(format: &str) -> ChartDataLabel {
    let mut label = ChartDataLabel::new();
    label
        .show_value()
        .set_num_format(format)
        .set_font(ChartFont::new().set_size(LABEL_POINTS));
    label
}

fn dress(chart: &mut Chart, title: &str) {
    chart
        .title()
        .set_name(title)
        .set_font(ChartFont::new().set_size(TITLE_POINTS).set_bold());
    chart.legend().set_position(ChartLegendPosition::Bottom);
    chart
        .x_axis()
        .set_font(ChartFont::new().set_size(LABEL_POINTS));
    chart
        .y_axis()
        .set_font(ChartFont::new().set_size(LABEL_POINTS));
    chart.set_alt_text(format!("{title}。数値はシート「{DATA_SHEET}」にあります。"));
}
