package viid

import (
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

// Whatever lies in a long string, what is passed on is JSON that says the same but for that.
func TestLongStringsAreCut(t *testing.T) {
	long := strings.Repeat("x", 3*maxText)
	for _, data := range []string{
		"short", `with \" and \\ and \/`, long, strings.Repeat(`\"`, maxText), strings.Repeat(`\\`, maxText), strings.Repeat(`\u4e2d`, maxText),
		long[:maxText-1] + `\u4e2d"`[:6] + long, long[:maxText-2] + `\\` + long, long[:maxText] + `\"` + long, strings.Repeat("川", maxText),
	} {
		passed, err := io.ReadAll(newLean(strings.NewReader(`{"Data":"` + data + `","DeviceID":"7","a":["` + data + `",1]}`)))
		read := struct{ Data, DeviceID string }{}
		if err == nil {
			err = json.Unmarshal(passed, &read)
		}
		if err != nil || read.DeviceID != "7" || len(passed) > 12*maxText+200 {
			t.Errorf("%.40s…: %v, %d bytes", data, err, len(passed))
		}
		if len(data) < maxText && !strings.Contains(string(passed), data) {
			t.Errorf("%s was cut", data)
		}
	}
}

// A picture of many megabytes takes no memory of its size.
func TestPicturesTakeNoMemory(t *testing.T) {
	picture := io.LimitReader(endless{}, 16<<20)
	body := io.MultiReader(
		strings.NewReader(`{"FaceListObject":{"FaceObject":[{"FaceID":1,"IsSuspiciousPerson":"1","SubImageList":{"SubImageInfoObject":[{"Data":"`),
		picture, strings.NewReader(`","StoragePath":"/a"}]}}]}}`))
	before, after := runtime.MemStats{}, runtime.MemStats{}
	runtime.ReadMemStats(&before)
	read, err := decode(body)
	runtime.ReadMemStats(&after)
	if err != nil || len(read.FaceListObject.FaceObject) != 1 || read.FaceListObject.FaceObject[0].sighting().Picture != "/a" {
		t.Errorf("%v: %+v", err, read)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 1<<20 {
		t.Errorf("%d bytes were taken", taken)
	}
	if _, err := decode(strings.NewReader(`{"a":[` + strings.Repeat("1,", maxLean))); !errors.Is(err, errTooMuch) {
		t.Errorf("a body of numbers: %v", err)
	}
}

type endless struct{}

func (endless) Read(into []byte) (int, error) {
	for at := range into {
		into[at] = 'A'
	}
	return len(into), nil
}

func TestAccountsAreRead(t *testing.T) {
	right := `{"viid_id":"51090000001320000001","device_id":"01939c1e-8a00-7000-8000-000000000051","password":"a long password","direction":"in"}`
	for text, fits := range map[string]bool{
		`[` + right + `]`: true, `[` + right + `,` + right + `]`: false, `[]`: false, `{}`: false, `[` + right + `] []`: false,
		`[` + strings.Replace(right, "0001", "", 1) + `]`:      false,
		`[` + strings.Replace(right, "a long ", "", 1) + `]`:   false,
		`[` + strings.Replace(right, `"in"`, `"up"`, 1) + `]`:  false,
		`[` + strings.Replace(right, "01939c1e", "x", 1) + `]`: false,
	} {
		accounts, err := ReadAccounts([]byte(text))
		if (err == nil) != fits || fits && accounts[0].Password.Reveal() != "a long password" {
			t.Errorf("%s: %v", text, err)
		}
		if err != nil && strings.Contains(err.Error(), "a long password") {
			t.Errorf("the password stands in %v", err)
		}
	}
}

// A whole batch fits, each object with more fields than are read and five pictures.
func TestAHundredObjectsFit(t *testing.T) {
	image := `{"ImageID":"1","StoragePath":"/a","Data":"` + strings.Repeat("QUJD", 2*maxText) + `"},`
	one := `{"FaceID":"1","LeftTopX":1,"Attributes":"` + strings.Repeat("x", 1<<10) + `","SubImageList":{"SubImageInfoObject":[` +
		strings.TrimSuffix(strings.Repeat(image, 5), ",") + `]}},`
	read, err := decode(strings.NewReader(`{"FaceListObject":{"FaceObject":[` + strings.TrimSuffix(strings.Repeat(one, maxObjects), ",") + `]}}`))
	if err != nil || len(read.FaceListObject.FaceObject) != maxObjects {
		t.Errorf("%d: %v", len(read.FaceListObject.FaceObject), err)
	}
}
