package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"xunfang/models"
)

func TestSignedPassIsChecked(t *testing.T) {
	keys, other := keysFrom(t, 1), keysFrom(t, 2)
	pass := models.SignedPass{
		Pass: "0198c000-0000-7000-8000-000000000001", StartsAt: time.Unix(1_764_000_000, 0).UTC(), EndsAt: time.Unix(1_764_003_600, 0).UTC(), Uses: 3,
	}
	for range models.MaxSignedDoors {
		pass.Doors = append(pass.Doors, models.DoorDigest("0198c000-0000-7000-8000-0000000000a1"))
	}
	signed, err := keys.SignPass(pass)
	if err != nil || len(signed) != MaxSignedPass {
		t.Fatalf("%d letters, %v", len(signed), err)
	}
	text := signed.Reveal()
	if read, err := VerifyPass(text, keys.DoorPublicKeys()); err != nil || read.Pass != pass.Pass || !read.StartsAt.Equal(pass.StartsAt) ||
		!read.EndsAt.Equal(pass.EndsAt) || read.Uses != 3 || strings.Join(read.Doors, "") != strings.Join(pass.Doors, "") {
		t.Errorf("%+v %v", read, err)
	}
	if _, err := VerifyPass(text, other.DoorPublicKeys()); !errors.Is(err, ErrSignedPass) {
		t.Errorf("another server's keys: %v", err)
	}
	for at := range len(text) {
		forged := []byte(text)
		if forged[at]++; forged[at] > 'Z' {
			forged[at] = 'A'
		}
		if _, err := VerifyPass(string(forged), keys.DoorPublicKeys()); !errors.Is(err, ErrSignedPass) {
			t.Errorf("letter %d changed: %v", at, err)
		}
	}
	for _, wrong := range []string{"", "XF2.", "XF1.V.1234567897", strings.ToLower(text), text + "A", text[:len(text)-1], text[:100] + "\n" + text[100:]} {
		if _, err := VerifyPass(wrong, keys.DoorPublicKeys()); !errors.Is(err, ErrSignedPass) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}

func TestAllowListIsChecked(t *testing.T) {
	keys, device := keysFrom(t, 1), models.ID("0198c000-0000-7000-8000-00000000000a")
	jws, err := keys.SignAllowList(models.AllowList{DeviceID: device, Serial: 5, Entries: []models.AllowEntry{}, Denied: []string{}})
	if err != nil {
		t.Fatal(err)
	}
	if list, err := VerifyAllowList(jws, device, keys.DoorPublicKeys()); err != nil || list.Serial != 5 {
		t.Errorf("%+v %v", list, err)
	}
	command, err := keys.SignDoorCommand([]byte(`{"device_id":"` + string(device) + `","serial":5}`))
	if err != nil {
		t.Fatal(err)
	}
	plates, err := keys.SignPlateList(models.PlateList{DeviceID: device})
	if err != nil {
		t.Fatal(err)
	}
	for name, try := range map[string]struct {
		jws    string
		device models.ID
	}{"another device's": {jws, "0198c000-0000-7000-8000-00000000000b"}, "a command": {command, device}, "a plate list": {plates, device}, "cut": {jws[:len(jws)-2], device}, "none": {"", device}} {
		if _, err := VerifyAllowList(try.jws, try.device, keys.DoorPublicKeys()); !errors.Is(err, ErrAllowList) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := VerifyDoorCommand(jws, keys.DoorPublicKeys()); !errors.Is(err, ErrDoorCommand) {
		t.Errorf("a list opens a door: %v", err)
	}
}

func TestListsOfOtherControllersAreAnotherMatter(t *testing.T) {
	keys, code := keysFrom(t, 1), models.VisitorCode{Code: "4829130571", Extension: "7305"}
	one, two := keys.AllowCodeKey("0198c000-0000-7000-8000-0000000000c1"), keys.AllowCodeKey("0198c000-0000-7000-8000-0000000000c2")
	inner := AllowInner(one, code)
	if bytes.Equal(inner, AllowInner(two, code)) || bytes.Equal(inner, AllowInner(one, models.VisitorCode{Code: code.Code, Extension: "7306"})) {
		t.Error("compound and extension are in the hash")
	}
	if mine := AllowHash(HashSecret("one"))(inner); mine == AllowHash(HashSecret("two"))(inner) || len(mine) != 22 {
		t.Errorf("the device is in the hash: %q", mine)
	}
}
