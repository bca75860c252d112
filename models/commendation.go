package models

import (
	"fmt"
	"strings"
	"time"
)

// CommendationState is where a commendation stands: proposed → granted | declined.
type CommendationState string

// The states of a commendation.
const (
	CommendationProposed CommendationState = "proposed"
	CommendationGranted  CommendationState = "granted"
	CommendationDeclined CommendationState = "declined"
)

// AlertCommendation tells somebody that they were commended.
const AlertCommendation = "commendation"

// AboutKind is what kind of thing a commendation is for.
type AboutKind string

// The kinds.
const (
	AboutTip     AboutKind = "tip"
	AboutFinding AboutKind = "finding"
	AboutRound   AboutKind = "round"
)

// MaxCommendationsAYear bounds the yearly list of a station.
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
	Number      int  // of the station and year, from 1
	CheckCode   Secret
	CheckIndex  []byte // keyed hash of the code, to find it by
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

// CheckCodeLength is how many characters of CheckCodeLetters a certificate's code has: 60 bits.
const (
	CheckCodeLength  = 12
	CheckCodeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford's, without I, L, O and U
)

// SpacedCheckCode is how a certificate's code is printed.
func SpacedCheckCode(code Secret) string {
	text := code.Reveal()
	if len(text) != CheckCodeLength {
		return text
	}
	return text[:4] + "-" + text[4:8] + "-" + text[8:]
}

// NormalCheckCode brings a typed code into the form that is kept: upper case, without dashes, and with the letters
// that are read as digits as digits.
func NormalCheckCode(text string) string {
	return strings.NewReplacer("-", "", "I", "1", "L", "1", "O", "0").Replace(strings.ToUpper(text))
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
	Granted []Commendation // by number
	MadeOn  Date
	MadeAt  time.Time
}

// Title is the heading of the list.
func (l CommendationList) Title() string {
	return fmt.Sprintf("%s%d年度表彰名册", l.Station, l.Year)
}

// Table is the list as it is printed.
func (l CommendationList) Table() ReportTable {
	table := ReportTable{Title: fmt.Sprintf("共%d人次", len(l.Granted)), Columns: []ReportColumn{
		textColumn("编号"), textColumn("姓名"), textColumn("日期"), textColumn("事由"),
	}}
	for _, one := range l.Granted {
		table.Rows = append(table.Rows, []ReportCell{
			wordCell(one.FullNumber()), wordCell(one.PersonName.Reveal()), wordCell(one.GrantedOn.String()), wordCell(one.Reason.Reveal()),
		})
	}
	return table
}
