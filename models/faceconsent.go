package models

import (
	"strconv"
	"time"
)

const (
	// FaceConsentGrace is how long a consent to replaced words still holds, so that people can be asked anew.
	FaceConsentGrace = 30 * 24 * time.Hour
	// FaceChildAge in years: for who is younger, a grown-up of their home consents (PIPL, article 31).
	FaceChildAge = 14
	// FaceAdultAge in years: from it on one may consent for a child.
	FaceAdultAge = 18
	// FaceConsentKept is how long it stays on record that somebody had consented, after the consent has ended.
	FaceConsentKept = 1096 * 24 * time.Hour
)

// FaceConsentText is what somebody consents to. Texts are never changed: other words are another version.
type FaceConsentText struct {
	Version string
	ZH, EN  string
	From    time.Time // from when on it is asked for
}

// FaceConsentTexts are all there ever were, the oldest first.
var FaceConsentTexts = []FaceConsentText{{
	Version: "2026-11", From: time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC),
	ZH: "我自愿在门口机上登记人脸，仅用于开启我所选的门。人脸由门口机在本机识别和保存；巡防平台不接收、不保存、不传送人脸图像或特征，" +
		"只知道某个凭证开了门。我可以随时撤回，撤回后门口机须删除并回报；搬离时也会删除。不登记人脸，我仍可用其他方式进门。" +
		"不满十四周岁的，由同住的监护人同意。",
	EN: "Of my own free will I enrol my face at the door terminal, for nothing but opening the doors I choose. The terminal " +
		"recognises and keeps it by itself; the Xunfang platform receives, keeps and passes on no image and no template, and learns only " +
		"that a credential opened a door. " +
		"I may withdraw at any time; the terminal must then delete it and confirm. It is deleted as well when I move out. " +
		"Without it I still get in another way. For a child under 14 a guardian who lives in the home consents.",
}}

// CurrentFaceText is the text that is asked for at now; false before there was any.
func CurrentFaceText(texts []FaceConsentText, now time.Time) (FaceConsentText, bool) {
	for at := len(texts) - 1; at >= 0; at-- {
		if !now.Before(texts[at].From) {
			return texts[at], true
		}
	}
	return FaceConsentText{}, false
}

// StandingFaceTexts names the versions to which a consent still holds at now: the present one, those replaced less than
// FaceConsentGrace ago, and what is still to come.
func StandingFaceTexts(texts []FaceConsentText, now time.Time) []string {
	standing := []string{}
	for at, text := range texts {
		if at+1 == len(texts) || now.Before(texts[at+1].From.Add(FaceConsentGrace)) {
			standing = append(standing, text.Version)
		}
	}
	return standing
}

// FaceConsentEnd is why a consent no longer holds.
type FaceConsentEnd string

// The ends of a consent.
const (
	FaceWithdrawn  FaceConsentEnd = "withdrawn"
	FaceMovedOut   FaceConsentEnd = "moved_out"  // who it is about, or who gave it for them, lives there no more or has no account
	FaceSuperseded FaceConsentEnd = "superseded" // by other words
	FaceGrownUp    FaceConsentEnd = "grown_up"   // given for a child who may now decide themself
)

// FaceConsent says that somebody's face may be enrolled at terminals on the way to their home. It says nothing about any
// other thing one may consent to. One that has ended stays as a record.
type FaceConsent struct {
	ID        ID // made by the phone
	PersonID  ID // whose face
	GivenBy   ID // the same, or of a child a guardian
	Place     Place
	Version   string
	GivenAt   time.Time
	EndedAt   time.Time
	EndReason FaceConsentEnd
}

// ByGuardian says whether it was given for a child.
func (c FaceConsent) ByGuardian() bool { return c.GivenBy != c.PersonID }

// Holds says whether the consent has not ended.
func (c FaceConsent) Holds() bool { return c.EndedAt.IsZero() }

// Of says whether the consent is the person's to see and to withdraw.
func (c FaceConsent) Of(person ID) bool {
	return person != "" && (person == c.PersonID || person == c.GivenBy)
}

// CheckFaceGiver says whether a person may consent to the enrolment of somebody's face, who lives in the same home. For
// oneself: unless one is known to be a child. For another: only if that one is known to be a child, and the giver is not
// known to be a minor. Whose age nobody knows decides for themself.
func CheckFaceGiver(subject, giver Person, now time.Time) error {
	age, known := subject.Age(now)
	child := known && age < FaceChildAge
	if subject.ID == giver.ID {
		if child {
			return Fail(CodeGuardianNeeded)
		}
		return nil
	}
	if !child {
		return Unfit("person_id", FieldNotAllowed, "somebody known to be under 14")
	}
	if giverAge, known := giver.Age(now); known && giverAge < FaceAdultAge {
		return Fail(CodeGuardianNeeded)
	}
	return nil
}

// chinaTime is the zone in which birthdays begin; the country has one.
var chinaTime = time.FixedZone("Asia/Shanghai", 8*60*60)

// Age is how many years old somebody is, as their identity number says; false where that is not known.
func (p Person) Age(now time.Time) (int, bool) {
	number := p.IDNumber.Reveal()
	if len(number) != 18 {
		return 0, false
	}
	born, err := time.Parse("20060102", number[6:14])
	if err != nil {
		return 0, false
	}
	today, err := strconv.Atoi(now.In(chinaTime).Format("20060102"))
	if err != nil {
		return 0, false
	}
	birth, err := strconv.Atoi(born.Format("20060102"))
	if err != nil || birth > today {
		return 0, false
	}
	return (today - birth) / 10000, true // who was born on 29 February is a year older on 1 March
}
