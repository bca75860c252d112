package doors

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"xunfang/models"
)

// offlineRig is a panel whose lists need no signature: a list's text is its serial.
type offlineRig struct {
	panel *OfflinePanel
	now   time.Time
	set   time.Duration // by how much the clock was set
	lists map[string]models.AllowList
	next  int
}

func newOfflineRig() *offlineRig {
	rig := &offlineRig{now: time.Unix(1_764_000_000, 0), lists: map[string]models.AllowList{}}
	began := rig.now
	rig.panel = NewOfflinePanel(OfflineConfig{
		VerifyList: func(text string) (models.AllowList, error) {
			if list, known := rig.lists[text]; known {
				return list, nil
			}
			return models.AllowList{}, errors.New("forged")
		},
		VerifyPass: func(string) (models.SignedPass, error) { return models.SignedPass{}, errors.New("forged") },
		Hash:       func(_ models.AllowList, code models.VisitorCode) string { return code.Code.Reveal() },
		NewID:      func() models.ID { rig.next++; return models.ID(strconv.Itoa(rig.next)) },
		Now:        func() time.Time { return rig.now.Add(rig.set) }, Elapsed: func() time.Duration { return rig.now.Sub(began) },
	})
	return rig
}

func (r *offlineRig) list(serial int64, uses int) string {
	text := strconv.FormatInt(serial, 10)
	r.lists[text] = models.AllowList{
		Serial: serial, Issued: r.now.Unix(), Expires: r.now.Add(24 * time.Hour).Unix(), PauseS: 30,
		Entries: []models.AllowEntry{{Pass: "p", Hash: "right", Doors: []models.ID{"d"}, Times: [][2]int64{{0, 1 << 40}}, Uses: uses}},
	}
	return text
}

func (r *offlineRig) want(t *testing.T, name, code string, want models.OfflineReason) {
	t.Helper()
	if got := r.panel.Type("d", models.VisitorCode{Code: models.Secret(code)}); got != want {
		t.Errorf("%s: %q, want %q", name, got, want)
	}
}

func TestOfflinePanelWaitsAfterAWrongCode(t *testing.T) {
	rig := newOfflineRig()
	rig.want(t, "without a list", "right", models.OfflineNoList)
	if err := rig.panel.Accept(rig.list(1, 9), 0); err != nil {
		t.Fatal(err)
	}
	rig.want(t, "just switched on", "right", models.OfflineWait)
	rig.now = rig.now.Add(models.OfflinePause)
	rig.want(t, "right", "right", "")
	rig.want(t, "right again", "right", "")
	rig.want(t, "wrong", "wrong", models.OfflineUnknown)
	rig.now = rig.now.Add(models.OfflinePause - 1)
	rig.want(t, "too soon", "right", models.OfflineWait)
	rig.now = rig.now.Add(1)
	rig.want(t, "in time", "right", "")
	if got := rig.panel.Scan("d", "XF2.AAAA"); got != models.OfflineUnsigned {
		t.Errorf("a forged QR code: %q", got)
	}
}

// A use is forgotten only when a list is held that knows of it: else one code would open twice around the return of the network.
func TestOfflinePanelCountsWhatItsListDoesNotKnow(t *testing.T) {
	rig := newOfflineRig()
	accept := func(text string, asked int) {
		t.Helper()
		if err := rig.panel.Accept(text, asked); err != nil {
			t.Fatal(err)
		}
	}
	accept(rig.list(1, 2), 0)
	rig.now = rig.now.Add(models.OfflinePause)
	rig.want(t, "once", "right", "")
	rig.want(t, "twice", "right", "")
	rig.want(t, "a third time", "right", models.OfflineUsedUp)
	accept(rig.list(2, 2), 0)
	rig.want(t, "a list that knows of none", "right", models.OfflineUsedUp)
	told := rig.panel.Told(rig.panel.Untold()[0].ID)
	if told != 1 || len(rig.panel.Untold()) != 1 {
		t.Errorf("%d told, %d not", told, len(rig.panel.Untold()))
	}
	accept(rig.list(3, 2), 0)
	rig.want(t, "a list that was asked for before", "right", models.OfflineUsedUp)
	accept(rig.list(4, 2), told) // somebody gave the pass one more use
	rig.want(t, "a list that knows of the first", "right", "")
	rig.want(t, "and no more", "right", models.OfflineUsedUp)
	if err := rig.panel.Accept("3", 0); !errors.Is(err, ErrSerialBack) {
		t.Errorf("an older list: %v", err)
	}
	if err := rig.panel.Accept("5", 0); err == nil || rig.panel.Held() != 4 {
		t.Errorf("a forged list: %v, held %d", err, rig.panel.Held())
	}
	rig.lists["other"] = rig.lists["4"]
	if err := rig.panel.Accept("other", 0); !errors.Is(err, ErrOtherList) {
		t.Errorf("another text under the serial: %v", err)
	}
}

func TestOfflinePanelIsNotFooledByItsClock(t *testing.T) {
	rig := newOfflineRig()
	if err := rig.panel.Accept(rig.list(1, 9), 0); err != nil {
		t.Fatal(err)
	}
	rig.now = rig.now.Add(23 * time.Hour)
	rig.set = -MaxClockStep
	rig.want(t, "slewed", "right", "")
	rig.set = -20 * time.Hour // so that the list would live on
	rig.want(t, "set back", "right", models.OfflineClock)
	rig.set = 0
	rig.want(t, "set right again", "right", models.OfflineClock)
	if err := rig.panel.Accept("1", 0); err != nil {
		t.Fatal(err)
	}
	rig.want(t, "asked again", "right", "")
	rig.set = -20 * time.Hour
	rig.want(t, "set back again", "right", models.OfflineClock)
	if err := rig.panel.Accept("1", 0); err != nil { // whoever set the clock back also plays the server
		t.Fatal(err)
	}
	rig.now = rig.now.Add(time.Hour)
	rig.want(t, "its life is over, whatever the clock says", "right", models.OfflineExpired)
}
