package api

import (
	"slices"
	"testing"
)

// What a terminal compares with lives in the police's own system: nothing about persons of concern takes a list, a feature or a
// picture here.
func TestContractTakesNoListOfPersons(t *testing.T) {
	contract, err := LoadContract(contractBytes(t))
	if err != nil {
		t.Fatal(err)
	}
	known := []string{
		"id", "kind", "terminal", "occurred_at", "confidence", "picture_ref", // a report
		"device_id", "name", "reason", "valid_until", // a source
		"state", "person_ids", // what the desk does: of people who serve
	}
	seen := 0
	for _, operation := range contract.operations {
		if operation.body == nil || !slices.Contains(operation.described.Tags, "concerns") {
			continue
		}
		seen++
		if operation.mediaType != typeJSON {
			t.Errorf("%s takes %s", operation.id, operation.mediaType)
		}
		for _, property := range operation.body.properties {
			if !slices.Contains(known, property.name) || property.shape.items != nil && property.name != "person_ids" {
				t.Errorf("%s takes %s", operation.id, property.name)
			}
		}
	}
	if seen != 5 {
		t.Errorf("%d operations with a body were looked at", seen)
	}
}
