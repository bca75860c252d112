package handlers_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A guest opens the page on a small phone, without scripts: what is on the screen is read as a person and as a door's scanner
// would. Then one of a group takes a code of their own, by the form.
func TestGuestPageInABrowser(t *testing.T) {
	each(t, func(t *testing.T, rig *rig) {
		if strings.HasSuffix(t.Name(), "/mysql") {
			t.Skip("a page looks alike over either database: once is enough")
		}
		screen := newBrowser(t, "en")
		made := rig.pass(rig.Resident, map[string]any{"ends_at": at(rig.clock.Now().Add(200 * time.Minute))})
		screen.open(rig.base + made.text("guest_path"))
		if code := strings.ReplaceAll(screen.text("#code"), " ", ""); code != made.text("code") || screen.text("#left") != "3 h 20 min left" {
			t.Errorf("on the screen: %q, %q", code, screen.text("#left"))
		}
		if wide := screen.measure("document.documentElement.scrollWidth - window.innerWidth"); wide > 0 {
			t.Errorf("the page is %.0f points wider than the screen", wide)
		}
		if size := screen.measure("parseFloat(getComputedStyle(document.querySelector('#code')).fontSize)"); size < 24 {
			t.Errorf("the code is %.0f points high: the style did not arrive", size)
		}
		if fetched := screen.measure("performance.getEntriesByType('resource').length"); fetched > 0 {
			t.Errorf("the page fetched %.0f other things", fetched)
		}
		scanned(t, screen.picture(".qr"), made.text("qr_payload"))

		group := rig.pass(rig.Resident, map[string]any{"kind": "group", "max_guests": 2})
		screen.open(rig.base + group.text("guest_path"))
		screen.write("#name", "小李")
		screen.write("#name", "\ue007") // Enter
		first, code := screen.address(), screen.text("#code")
		if !strings.HasPrefix(first, rig.base+"/guest/") || first == rig.base+group.text("guest_path") {
			t.Errorf("the guest is at %s", first)
		}
		scanned(t, screen.picture(".qr"), "XF1.V."+strings.ReplaceAll(code, " ", ""))
		screen.do("POST", "/refresh", map[string]any{}) // reading it again takes no second place
		if again := screen.text("#code"); again != code {
			t.Errorf("read again it shows %s, at first %s", again, code)
		}
		if list := rig.call(rig.Resident, "GET", "/v1/visitor-passes", nil).must(200); len(list.items()) != 3 || !strings.Contains(list.Text, "小李") {
			t.Errorf("the host sees %s", list.Text)
		}
		rig.call(rig.Resident, "POST", "/v1/visitor-passes/"+group.text("id")+"/revoke", nil).must(200)
		screen.do("POST", "/refresh", map[string]any{})
		if state := screen.text("#state"); state != "Withdrawn" || strings.Contains(screen.text("body"), code) {
			t.Errorf("withdrawn: %s", screen.text("body"))
		}
	})
}

// scanned reads a picture as a scanner does.
func scanned(t *testing.T, picture []byte, want string) {
	t.Helper()
	scanner, err := exec.LookPath("zbarimg")
	if err != nil {
		t.Log("NOT SCANNED: no zbarimg here; tools/needs.sh zbarimg installs it")
		return
	}
	path := filepath.Join(t.TempDir(), "qr.png")
	if err := os.WriteFile(path, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	output, err := exec.CommandContext(t.Context(), scanner, "--quiet", "--raw", path).Output()
	if got := strings.TrimSpace(string(output)); err != nil || got != want {
		t.Errorf("the scanner reads %q, want %q: %v", got, want, err)
	}
}
