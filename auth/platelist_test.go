package auth

import (
	"strings"
	"testing"

	"xunfang/models"
)

func TestPlateListIsForOneDeviceAndSigned(t *testing.T) {
	keys, others := keysFrom(t, 1), keysFrom(t, 2)
	hash := PlateHash(HashSecret("a device's secret"))
	list := models.PlateList{DeviceID: somebody, Issued: 1, Expires: 2, Residents: []string{hash("川J12345")}, Locked: []string{}}
	jws, err := keys.SignPlateList(list)
	if err != nil {
		t.Fatal(err)
	}
	got, err := VerifyPlateList(jws, somebody, keys.DoorPublicKeys())
	if err != nil || len(got.Residents) != 1 || got.Residents[0] != hash("川J12345") {
		t.Fatalf("%v, %v", got, err)
	}
	if hash("川J12345") == PlateHash(HashSecret("another's"))("川J12345") {
		t.Error("two devices have the same hashes")
	}
	parts := strings.Split(jws, ".")
	command, err := keys.SignDoorCommand([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, attempt := range map[string]struct {
		jws    string
		device models.ID
		keys   *Keys
	}{
		"another device":   {jws, someSession, keys},
		"other keys":       {jws, somebody, others},
		"another payload":  {parts[0] + ".e30." + parts[2], somebody, keys},
		"a door command":   {command, somebody, keys},
		"not three parts":  {parts[0] + "." + parts[1], somebody, keys},
		"not base64url":    {jws + "\n", somebody, keys},
		"without anything": {"", somebody, keys},
	} {
		if _, err := VerifyPlateList(attempt.jws, attempt.device, attempt.keys.DoorPublicKeys()); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
