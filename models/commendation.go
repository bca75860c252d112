package models

import (
	"fmt"
	"strings"
	"time"
)

// CommendationState is where a commendation stands: proposed → granted | declined, granted → revoked.
type CommendationState string

// The states of a commendation.
const (
	CommendationProposed CommendationState = "proposed"
	CommendationGranted  CommendationState = "granted"
	CommendationDeclined CommendationState = "declined"
	CommendationRevoked  CommendationState = "revoked"
)

// What alerts say about commendations: to somebody who was commended, and that it was revoked.
const (
	AlertCommendation        = "commendation"
	AlertCommendationRevoked = "commendation_revoked"
)

// AboutKind is what kind of thing a commendation is for.
type AboutKind string

// The kinds.
const (
	AboutTip     AboutKind = "tip"
	AboutFinding AboutKind = "finding"
	AboutRound   AboutKind = "round"
)

// MaxCommendationsAYear bounds what a station grants in a year, and so its yearly list.
const MaxCommendationsAYear = 2000

// Commendation is a station's thanks to one person. An officer proposes it and a commander, another person, grants it.
type Commendation struct {
	ID             ID
	OrderID        ID // sortable
	StationID      ID
	PersonID       ID
	Reason         Secret // as it is printed
	AboutKind      AboutKind
	AboutID        ID // "" for none
	ProposerID     ID
	ProposedAt     time.Time
	State          CommendationState
	DeciderID      ID // "" before
	DecidedAt      time.Time
	DecisionReason Secret

	// What is printed, as it was when it was granted: a certificate does not change with a name.
	PersonName  Secret
	StationName string
	GrantedOn   Date // in the station's time zone
	Number      int  // of the station and year, from 1; a revoked one keeps it
	CheckCode   Secret
	CheckIndex  []byte // keyed hash of the code, to find it by

	RevokerID        ID // "" before
	RevokedAt        time.Time
	RevocationReason Secret
}

// CheckProposer refuses a commendation of oneself.
func (c Commendation) CheckProposer() error {
	if c.ProposerID == c.PersonID {
		return Unfit("person_id", FieldNotAllowed, "somebody else")
	}
	return nil
}

// CheckDecider says whether the person may decide: neither who is commended nor who proposed it, and only once.
func (c Commendation) CheckDecider(decider ID) error {
	switch {
	case decider == c.PersonID, decider == c.ProposerID:
		return Fail(CodeSecondPerson)
	case c.State != CommendationProposed:
		return Fail(CodeWrongState)
	default:
		return nil
	}
}

// Revoked is a granted commendation after somebody took it back, once and for good: its number and its code stay.
func (c Commendation) Revoked(by ID, reason Secret, now time.Time) (Commendation, error) {
	if c.State != CommendationGranted {
		return c, Fail(CodeWrongState)
	}
	c.State, c.RevokerID, c.RevokedAt, c.RevocationReason = CommendationRevoked, by, now, reason
	return c, nil
}

// MayShowAbout says whether somebody sees what the commendation is for. Who sent a tip is for its own officers: of a tip it is
// the person, who proposed it, and the commander, who reads every tip of the station.
func (c Commendation) MayShowAbout(who Principal) bool {
	return c.AboutKind != AboutTip || who.ID == c.PersonID || who.ID == c.ProposerID ||
		May(OpDecideCommendation, who, Object{Place: Place{Station: c.StationID}}) == nil
}

// WasGranted says whether the commendation has a number: it stands, or was revoked.
func (c Commendation) WasGranted() bool {
	return c.State == CommendationGranted || c.State == CommendationRevoked
}

// CommendationEarns says which deeds stand by a commendation.
func CommendationEarns(commendation Commendation) map[PointEvent][]ID {
	earned := map[PointEvent][]ID{EarnCommendation: nil}
	if commendation.State == CommendationGranted {
		earned[EarnCommendation] = []ID{commendation.PersonID}
	}
	return earned
}

// Title is the heading of the certificate.
func (c Commendation) Title() string { return "荣誉证书" }

// FullNumber is how the number is written: with the station and the year.
func (c Commendation) FullNumber() string {
	return fmt.Sprintf("%s表彰〔%d〕第%03d号", c.StationName, c.GrantedOn.Year, c.Number)
}

// MaskName shows the first character of a name only.
func MaskName(name Secret) string {
	letters := []rune(strings.TrimSpace(name.Reveal()))
	if len(letters) == 0 {
		return "*"
	}
	return string(letters[0]) + strings.Repeat("*", max(1, min(len(letters)-1, 3)))
}

// ChineseDate writes a day as certificates do: 二〇二六年十一月二十四日.
func ChineseDate(day Date) string {
	year := strings.Builder{}
	for _, digit := range fmt.Sprint(day.Year) {
		year.WriteRune([]rune("〇一二三四五六七八九")[digit-'0'])
	}
	return year.String() + "年" + chineseNumber(int(day.Month)) + "月" + chineseNumber(day.Day) + "日"
}

// chineseNumber writes 1 to 99.
func chineseNumber(number int) string {
	digits := []string{"", "一", "二", "三", "四", "五", "六", "七", "八", "九"}
	switch tens := number / 10; tens {
	case 0:
		return digits[number]
	case 1:
		return "十" + digits[number%10]
	default:
		return digits[tens] + "十" + digits[number%10]
	}
}

// CommendationList is what a station granted in a year.
type CommendationList struct {
	Station string
	Year    int
	Granted []Commendation // by number; among them those that were revoked
	MadeOn  Date
	MadeAt  time.Time
}

// Title is the heading of the list.
func (l CommendationList) Title() string {
	return fmt.Sprintf("%s%d年度表彰名册", l.Station, l.Year)
}

// Table is the list as it is printed.
func (l CommendationList) Table() ReportTable {
	table, stand := ReportTable{Columns: []ReportColumn{
		textColumn("编号"), textColumn("姓名"), textColumn("日期"), textColumn("事由"), textColumn("备注"),
	}}, 0
	for _, one := range l.Granted {
		remark := ""
		if one.State == CommendationRevoked {
			remark = "已撤销"
		} else {
			stand++
		}
		table.Rows = append(table.Rows, []ReportCell{
			wordCell(one.FullNumber()), wordCell(one.PersonName.Reveal()), wordCell(one.GrantedOn.String()), wordCell(one.Reason.Reveal()),
			wordCell(remark),
		})
	}
	table.Title = fmt.Sprintf("共%d人次", stand)
	return table
}
