package models

import (
	"fmt"
	"time"
)

// Title is the report's heading.
func (r MonthReport) Title() string { return r.Station + "巡防工作月报" }

// Period says which time the report is about.
func (r MonthReport) Period() string {
	from, to := r.From.In(r.Zone), r.To.In(r.Zone)
	last := to.Add(-time.Nanosecond)
	period := fmt.Sprintf("%d年%d月（%d月%d日至%d月%d日）", from.Year(), from.Month(), from.Month(), from.Day(), last.Month(), last.Day())
	if r.To.Before(time.Date(from.Year(), from.Month()+1, 1, 0, 0, 0, 0, r.Zone)) {
		return fmt.Sprintf("%d年%d月（未满月，截至%s）", from.Year(), from.Month(), r.instant(r.To))
	}
	return period
}

// Made says when it was made.
func (r MonthReport) Made() string {
	at := r.MadeAt.In(r.Zone)
	return fmt.Sprintf("%d年%d月%d日", at.Year(), at.Month(), at.Day())
}

// Signatures are the lines of the last page.
func (r MonthReport) Signatures() []string {
	return []string{"填表人", "审核人", "值班所长", "派出所所长（盖章）"}
}

func (r MonthReport) instant(at time.Time) string { return at.In(r.Zone).Format("1月2日 15:04") }

// Tables are the sections of the report, in order.
func (r MonthReport) Tables() []ReportTable {
	return []ReportTable{
		r.summary(), r.stops(), r.keyPlaces(), r.gaps(), r.unseen(), r.rounds(), r.checkIns(), r.findings(), r.sos(),
	}
}

func (r MonthReport) total() StopTally {
	total := StopTally{Route: "合计"}
	for _, tally := range r.Stops {
		total = total.plus(tally)
	}
	return total
}

func (r MonthReport) summary() ReportTable {
	total, checkIns, findings := r.total(), 0, 0
	for _, number := range r.CheckIns {
		checkIns += number
	}
	for _, states := range r.Findings {
		for _, number := range states {
			findings += number
		}
	}
	calls, longest, keyPlaces, unseen := unknownCell(), unknownCell(), unknownCell(), unknownCell()
	if r.SOS != nil {
		calls = countCell(r.SOS.Raised)
	}
	if r.KeyPlaces != nil {
		keyPlaces, unseen = countCell(len(r.KeyPlaces)), countCell(len(r.Unseen)+r.UnseenMore)
	}
	if len(r.Gaps) > 0 {
		longest = lengthCell(r.Gaps[0].Length())
	}
	return ReportTable{
		Title:   "一、总体情况",
		Columns: []ReportColumn{textColumn("指标"), figureColumn("数值"), textColumn("指标"), figureColumn("数值")},
		Rows: [][]ReportCell{
			{wordCell("计划到点"), countCell(total.Planned()), wordCell("打卡"), countCell(checkIns)},
			{wordCell("完成到点"), countCell(total.Done()), wordCell("其中待核"), countCell(r.CheckIns[StatusReview])},
			{wordCell("到点完成率"), shareCell(total.Done(), total.Planned()), wordCell("巡逻发现"), countCell(findings)},
			{wordCell("完成巡逻"), countCell(r.Rounds[RoundCompleted]), wordCell("紧急求助"), calls},
			{wordCell("中止巡逻"), countCell(r.Rounds[RoundAbandoned]), wordCell("本月未到点位"), unseen},
			{wordCell("重点部位"), keyPlaces, wordCell("重点部位最长空档"), longest},
		},
		Note: "空档与用时均以“时:分”表示；“—”表示没有数据。",
	}
}

func (r MonthReport) stops() ReportTable {
	row := func(tally StopTally) []ReportCell {
		return []ReportCell{
			wordCell(orWords(tally.Route, "自选点位")), wordCell(tally.Squad), countCell(tally.Planned()), countCell(tally.OnTime),
			countCell(tally.Late), countCell(tally.Missed), countCell(tally.Skipped), countCell(tally.Extra),
			shareCell(tally.Done(), tally.Planned()),
		}
	}
	table := ReportTable{
		Title: "二、计划到点完成情况",
		Columns: []ReportColumn{
			{Title: "路线", Width: 5},
			textColumn("巡逻队"), figureColumn("计划"), figureColumn("按时"), figureColumn("迟到"),
			figureColumn("漏点"), figureColumn("跳过"), figureColumn("额外"), figureColumn("完成率"),
		},
		Note: "完成率为按时与迟到之和占计划的比例；可选点位未到不计入计划，额外到点不计入完成率。",
	}
	for _, tally := range r.Stops {
		tally.Squad = orWords(tally.Squad, "未编队")
		table.Rows = append(table.Rows, row(tally))
	}
	if len(r.Stops) > 0 {
		table.Rows, table.Total = append(table.Rows, row(r.total())), true
	}
	return table
}

func (r MonthReport) keyPlaces() ReportTable {
	table := ReportTable{
		Title:   "三、重点部位覆盖",
		Columns: []ReportColumn{textColumn("重点部位"), figureColumn("到访次数"), figureColumn("巡逻分钟"), figureColumn("最长空档")},
	}
	for _, place := range r.KeyPlaces {
		table.Rows = append(table.Rows, []ReportCell{
			wordCell(place.Name), countCell(place.Visits), countOrUnknown(place.PatrolMinutes), lengthCell(place.LongestGap),
		})
	}
	return table
}

func (r MonthReport) gaps() ReportTable {
	table := ReportTable{
		Title: fmt.Sprintf("四、重点部位最长空档（前%d位）", ReportGaps),
		Columns: []ReportColumn{
			{Title: "序号", Width: 1, Figures: true}, textColumn("重点部位"), textColumn("起"), textColumn("止"), figureColumn("时长"),
		},
	}
	for at, gap := range r.Gaps {
		table.Rows = append(table.Rows, []ReportCell{
			countCell(at + 1), wordCell(gap.Place), wordCell(r.instant(gap.From)), wordCell(r.instant(gap.To)), lengthCell(gap.Length()),
		})
	}
	return table
}

func (r MonthReport) unseen() ReportTable {
	table := ReportTable{
		Title:   "五、本月未到点位",
		Columns: []ReportColumn{textColumn("点位"), {Title: "重点部位", Width: 1}, textColumn("最后一次到访"), figureColumn("未到天数")},
	}
	for _, place := range r.Unseen {
		key, last, days := "", wordCell("从未到访"), unknownCell()
		if place.KeyPlace {
			key = "是"
		}
		if !place.LastSeen.IsZero() {
			at := place.LastSeen.In(r.Zone)
			last = wordCell(fmt.Sprintf("%d年%s", at.Year(), r.instant(at)))
			days = countCell(int(r.To.Sub(place.LastSeen).Hours() / 24))
		}
		table.Rows = append(table.Rows, []ReportCell{wordCell(place.Name), wordCell(key), last, days})
	}
	if r.UnseenMore > 0 {
		table.Note = fmt.Sprintf("另有%d个点位未列出。", r.UnseenMore)
	}
	return table
}

func (r MonthReport) rounds() ReportTable {
	return sharesTable("六、巡逻", figureColumn("次数"), []string{"完成", "中止", "进行中", "未开始"}, []int{
		r.Rounds[RoundCompleted], r.Rounds[RoundAbandoned], r.Rounds[RoundInProgress], r.Rounds[RoundScheduled],
	})
}

func (r MonthReport) checkIns() ReportTable {
	table := sharesTable("七、打卡核验", figureColumn("条数"), []string{"有效", "待核", "不予认可"}, []int{
		r.CheckIns[StatusAccepted], r.CheckIns[StatusReview], r.CheckIns[StatusRejected],
	})
	table.Note = "本月更正：" + countOrUnknown(r.Corrections).String() + "。"
	return table
}

// sharesTable says how a whole divides, and sums it up.
func sharesTable(title string, numbersTitle ReportColumn, names []string, numbers []int) ReportTable {
	all := 0
	for _, number := range numbers {
		all += number
	}
	table := ReportTable{Title: title, Columns: []ReportColumn{textColumn("类别"), numbersTitle, figureColumn("占比")}, Total: true}
	for at, name := range names {
		table.Rows = append(table.Rows, []ReportCell{wordCell(name), countCell(numbers[at]), shareCell(numbers[at], all)})
	}
	table.Rows = append(table.Rows, []ReportCell{wordCell("合计"), countCell(all), shareCell(all, all)})
	return table
}

func (r MonthReport) findings() ReportTable {
	kinds := map[FindingKind]string{
		FindingForcedDoor: "门被撬", FindingSuspiciousObject: "可疑物品", FindingHazard: "安全隐患", FindingBrokenLamp: "路灯损坏",
		FindingOther: "其他",
	}
	table := ReportTable{
		Title: "八、巡逻发现",
		Columns: []ReportColumn{
			textColumn("类别"), figureColumn("已报告"), figureColumn("已接收"), figureColumn("已移交"), figureColumn("已解决"),
			figureColumn("已核销"), figureColumn("合计"),
		},
		Total: true,
	}
	sum := map[FindingState]int{}
	row := func(name string, states map[FindingState]int) []ReportCell {
		cells, all := []ReportCell{wordCell(name)}, 0
		for _, state := range FindingStates {
			cells, all = append(cells, countCell(states[state])), all+states[state]
		}
		return append(cells, countCell(all))
	}
	for _, kind := range FindingKinds {
		for state, number := range r.Findings[kind] {
			sum[state] += number
		}
		table.Rows = append(table.Rows, row(kinds[kind], r.Findings[kind]))
	}
	table.Rows = append(table.Rows, row("合计", sum))
	return table
}

func (r MonthReport) sos() ReportTable {
	table := ReportTable{
		Title:   "九、紧急求助",
		Columns: []ReportColumn{figureColumn("求助"), figureColumn("误报"), figureColumn("未签收"), figureColumn("签收用时中位数（秒）")},
	}
	if r.SOS == nil {
		return table
	}
	median := unknownCell()
	if r.SOS.Raised > r.SOS.Unacknowledged {
		median = countCell(int(r.SOS.MedianAcknowledge.Seconds()))
	}
	table.Rows = [][]ReportCell{{countCell(r.SOS.Raised), countCell(r.SOS.FalseAlarms), countCell(r.SOS.Unacknowledged), median}}
	return table
}
