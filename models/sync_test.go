package models_test

import (
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"xunfang/models"
)

func syncObject(kind models.SyncKind, number int, body string) models.SyncObject {
	id := models.ID(fmt.Sprintf("01939c1e-8a00-7000-8000-%012x", number))
	return models.SyncObject{SyncKey: models.SyncKey{Kind: kind, ID: id}, Body: []byte(body)}
}

// apply is what a phone does with a step.
func apply(phone map[models.SyncKey]string, step models.SyncStep) {
	for _, object := range step.Changed {
		phone[object.SyncKey] = string(object.Body)
	}
	for _, key := range step.Gone {
		delete(phone, key)
	}
}

func bodies(objects []models.SyncObject) map[models.SyncKey]string {
	all := map[models.SyncKey]string{}
	for _, object := range objects {
		all[object.SyncKey] = string(object.Body)
	}
	return all
}

func TestStepsBringAPhoneToWhatItNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		needed := rapid.Custom(func(t *rapid.T) []models.SyncObject {
			objects, seen := []models.SyncObject{}, map[models.SyncKey]bool{}
			for range rapid.IntRange(0, 30).Draw(t, "objects") {
				object := syncObject(rapid.SampledFrom(models.SyncKinds).Draw(t, "kind"), rapid.IntRange(0, 9).Draw(t, "id"),
					rapid.SampledFrom([]string{"a", "b", "a rather long one"}).Draw(t, "body"))
				if !seen[object.SyncKey] {
					objects, seen[object.SyncKey] = append(objects, object), true
				}
			}
			return objects
		})
		limit, size := rapid.IntRange(1, 9).Draw(t, "limit"), rapid.IntRange(1, 40).Draw(t, "bytes")
		phone, has := map[models.SyncKey]string{}, models.Manifest(nil)
		for range rapid.IntRange(1, 6).Draw(t, "changes") {
			now := needed.Draw(t, "needed")
			for left := rapid.IntRange(0, 5).Draw(t, "steps until it changes again"); left > 0; left-- {
				step := has.Next(now, limit, size)
				checkStep(t, has, step, limit, size)
				if rapid.Bool().Draw(t, "the answer arrives") {
					apply(phone, step)
					has = throughBytes(t, step.Has)
				}
			}
		}
		last := needed.Draw(t, "needed in the end")
		for step := has.Next(last, limit, size); ; step = has.Next(last, limit, size) {
			apply(phone, step)
			has = throughBytes(t, step.Has)
			if !step.More {
				break
			}
			if step.Empty() {
				t.Fatal("nothing sent, and there is more")
			}
		}
		if want := bodies(last); !maps.Equal(phone, want) {
			t.Fatalf("the phone has %v, want %v", phone, want)
		}
		if !has.Next(last, limit, size).Empty() {
			t.Fatal("a phone that has everything is sent something")
		}
	})
}

func checkStep(t *rapid.T, has models.Manifest, step models.SyncStep, limit, maxBytes int) {
	size := 0
	for _, object := range step.Changed {
		if size += len(object.Body); has[object.SyncKey] == object.Hash() {
			t.Fatalf("%v is sent again", object.SyncKey)
		}
	}
	if len(step.Changed)+len(step.Gone) > limit || size > maxBytes && len(step.Changed) > 1 {
		t.Fatalf("a step of %d and %d, %d bytes", len(step.Changed), len(step.Gone), size)
	}
}

func throughBytes(t *rapid.T, has models.Manifest) models.Manifest {
	encoded, err := has.Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := models.ParseManifest(encoded)
	if err != nil || !maps.Equal(read, has) {
		t.Fatalf("read back as %v (%v), want %v", read, err, has)
	}
	return read
}

func TestWhatIsGoneGoesFirst(t *testing.T) {
	before := []models.SyncObject{syncObject(models.SyncPerson, 1, "a"), syncObject(models.SyncPerson, 2, "a")}
	has := models.Manifest(nil).Next(before, 9, 99).Has
	step := has.Next([]models.SyncObject{syncObject(models.SyncSquad, 3, "new")}, 2, 99)
	if len(step.Gone) != 2 || len(step.Changed) != 0 || !step.More {
		t.Errorf("with room for two: %+v", step)
	}
	step = has.Next([]models.SyncObject{syncObject(models.SyncSquad, 3, "new")}, 1, 99)
	if len(step.Gone) != 1 || len(step.Changed) != 0 || !step.More || len(step.Has) != 1 {
		t.Errorf("with room for one: %+v", step)
	}
	if len(has) != 2 {
		t.Errorf("the manifest before was changed: %v", has)
	}
}

func TestManifestsThatAreNone(t *testing.T) {
	for _, encoded := range [][]byte{{1}, make([]byte, 30), append([]byte{200}, make([]byte, 28)...)} {
		if got, err := models.ParseManifest(encoded); err == nil {
			t.Errorf("%v was read as %v", encoded, got)
		}
	}
	for _, key := range []models.SyncKey{{Kind: models.SyncSquad, ID: "x"}, {Kind: "door", ID: syncObject(models.SyncSquad, 1, "").ID}, {}} {
		if _, err := (models.Manifest{key: {}}).Encode(); err == nil {
			t.Errorf("%v was written", key)
		}
	}
}
