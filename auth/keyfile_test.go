package auth

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestKeyFileRoundTrip(t *testing.T) {
	keys, err := keysFrom(t, 1).Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := keys.WriteFile(path); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	read, err := LoadKeys(path)
	if err != nil {
		t.Fatal(err)
	}
	written, again := everyKey(keys), everyKey(read)
	if len(written) != len(again) {
		t.Fatal("another number of keys came back")
	}
	for at := range written {
		if string(written[at]) != string(again[at]) {
			t.Errorf("key %d came back different", at)
		}
	}
	if string(read.JWKS()) != string(keys.JWKS()) {
		t.Error("other public keys came back")
	}
}

func TestWriteFileNeverOverwrites(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := keysFrom(t, 1).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(path)
	if err := keysFrom(t, 2).WriteFile(path); err == nil {
		t.Error("the keys were overwritten")
	}
	if after, _ := os.ReadFile(path); string(after) != string(before) {
		t.Error("the file changed")
	}
	link := filepath.Join(t.TempDir(), "link.json")
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), link); err != nil {
		t.Fatal(err)
	}
	if err := keysFrom(t, 2).WriteFile(link); err == nil {
		t.Error("the keys went where a link pointed")
	}
}

func TestLoadKeysRefusesFilesOfOthers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := keysFrom(t, 1).WriteFile(path); err != nil {
		t.Fatal(err)
	}
	for mode, taken := range map[os.FileMode]bool{
		0o600: true, 0o400: true, 0o440: true, 0o640: true,
		0o644: false, 0o604: false, 0o602: false, 0o601: false, 0o660: false, 0o666: false,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadKeys(path); (err == nil) != taken {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	if _, err := LoadKeys(filepath.Dir(path)); err == nil {
		t.Error("a folder was read")
	}
	if _, err := LoadKeys(path + ".none"); err == nil {
		t.Error("a missing file was read")
	}
	pipe := path + ".pipe"
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(pipe); err == nil { // and it does not wait for a writer
		t.Error("a pipe was read")
	}
	large := path + ".large"
	if err := os.WriteFile(large, make([]byte, maxKeyFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeys(large); err == nil || !strings.Contains(err.Error(), "larger") {
		t.Errorf("a file without end was read: %v", err)
	}
}

func TestLoadKeysIsStrict(t *testing.T) {
	keys, err := keysFrom(t, 1).Rotate(stream(2))
	if err != nil {
		t.Fatal(err)
	}
	type object = map[string]any
	entry := func(file object, list string, at int) object { return file[list].([]any)[at].(object) }
	short := base64.StdEncoding.EncodeToString(make([]byte, 31))
	for name, test := range map[string]struct {
		change func(file object)
		want   string
	}{
		"unknown field":       {func(f object) { f["extra"] = 1 }, `unknown field "extra"`},
		"unknown inner field": {func(f object) { entry(f, "door_keys", 0)["alg"] = "x" }, `unknown field "alg"`},
		"upper case":          {func(f object) { f["Pepper"] = f["pepper"] }, "Pepper: names are in lower case"},
		"no version":          {func(f object) { delete(f, "version") }, "version: missing"},
		"other version":       {func(f object) { f["version"] = 2 }, "version: only 1"},
		"no demo":             {func(f object) { delete(f, "demo") }, "demo: missing"},
		"demo as text":        {func(f object) { f["demo"] = "no" }, "demo: a bool"},
		"no access keys":      {func(f object) { f["access_keys"] = []any{} }, "access_keys: at least one"},
		"no door keys":        {func(f object) { delete(f, "door_keys") }, "door_keys: at least one"},
		"no data keys":        {func(f object) { f["data_keys"] = nil }, "data_keys: at least one"},
		"no pepper":           {func(f object) { delete(f, "pepper") }, "pepper: missing"},
		"short index key":     {func(f object) { f["index_key"] = short }, "index_key: 31 bytes"},
		"short audit key":     {func(f object) { f["audit_key"] = short }, "audit_key: 31 bytes"},
		"short seed":          {func(f object) { entry(f, "access_keys", 1)["seed"] = short }, "access_keys[1].seed: 31 bytes"},
		"short data key":      {func(f object) { entry(f, "data_keys", 0)["key"] = short }, "data_keys[0].key: 31 bytes"},
		"zeros": {func(f object) {
			f["pepper"] = base64.StdEncoding.EncodeToString(make([]byte, 32))
		}, "pepper: one byte repeated"},
		"not base64": {func(f object) { f["pepper"] = "!" + f["pepper"].(string)[1:] }, "pepper: not padded"},
		"base64url":  {func(f object) { f["pepper"] = strings.TrimRight(f["pepper"].(string), "=") }, "pepper: not padded"},
		"one kid twice in a list": {func(f object) {
			entry(f, "access_keys", 1)["kid"] = entry(f, "access_keys", 0)["kid"]
		}, "access_keys[1].kid: the same kid as access_keys[0].kid"},
		"one kid in two lists": {func(f object) {
			entry(f, "door_keys", 1)["kid"] = entry(f, "access_keys", 0)["kid"]
		}, "door_keys[1].kid: the same kid as access_keys[0].kid"},
		"one key for two purposes": {func(f object) {
			entry(f, "door_keys", 0)["seed"] = entry(f, "access_keys", 0)["seed"]
		}, "door_keys[0].seed: the same key as access_keys[0].seed"},
		"pepper is the index key": {func(f object) { f["pepper"] = f["index_key"] }, "pepper: the same key as index_key"},
		"empty kid":               {func(f object) { entry(f, "data_keys", 1)["kid"] = "" }, "data_keys[1].kid: 1 to 64"},
		"odd kid":                 {func(f object) { entry(f, "data_keys", 1)["kid"] = "a b" }, "data_keys[1].kid: 1 to 64"},
		"long kid":                {func(f object) { entry(f, "data_keys", 1)["kid"] = strings.Repeat("a", 65) }, "data_keys[1].kid"},
		"too deep":                {func(f object) { f["demo"] = []any{[]any{[]any{[]any{1}}}} }, "too deep"},
		"too many": {func(f object) {
			for range maxKeysInList {
				f["data_keys"] = append(f["data_keys"].([]any), entry(f, "data_keys", 0))
			}
		}, "data_keys: more than 32"},
		"as it was": {func(object) {}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			text, _ := json.Marshal(keys.ring().file())
			var file object
			if err := json.Unmarshal(text, &file); err != nil {
				t.Fatal(err)
			}
			test.change(file)
			text, _ = json.Marshal(file)
			checkRefusal(t, keys, text, test.want)
		})
	}
}

func TestLoadKeysRefusesWhatReadsInTwoWays(t *testing.T) {
	keys := keysFrom(t, 1)
	text, _ := json.Marshal(keys.ring().file())
	whole := string(text)
	secret := base64.StdEncoding.EncodeToString(keys.ring().pepper)
	for name, test := range map[string]struct{ text, want string }{
		"pepper twice": {strings.Replace(whole, `"pepper"`, `"pepper":"x","pepper"`, 1), "pepper: given twice"},
		"inner twice":  {strings.Replace(whole, `"kid"`, `"kid":"x","kid"`, 1), "access_keys[0].kid: given twice"},
		"two objects":  {whole + whole, "after the end"},
		"cut":          {whole[:len(whole)-10], "not valid JSON"},
		"no quotes":    {strings.Replace(whole, `"`+secret+`"`, secret, 1), "not valid JSON"},
		"no object":    {`"` + secret + `"`, "is needed"},
		"empty":        {"", "not valid JSON"},
		"null":         {"null", "version: missing"},
	} {
		t.Run(name, func(t *testing.T) { checkRefusal(t, keys, []byte(test.text), test.want) })
	}
}

func checkRefusal(t *testing.T, keys *Keys, text []byte, want string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keys.json")
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := LoadKeys(path)
	if want == "" {
		if err != nil {
			t.Error(err)
		}
		return
	}
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("want an error with %q, got %v", want, err)
	}
	if leak := leaked(keys, err.Error()); leak != "" {
		t.Errorf("the error shows a key %s", leak)
	}
}
