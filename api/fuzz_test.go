package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"unicode/utf8"

	"xunfang/models"
)

// into are the generated types by schema: what the checker accepts must decode into them.
var into = map[string]func() any{
	"CheckInItem":       func() any { return new(CheckInItem) },
	"TipCreate":         func() any { return new(TipCreate) },
	"VisitorPassCreate": func() any { return new(VisitorPassCreate) },
	"TokenRequest":      func() any { return new(TokenRequest) },
	"AlertCreate":       func() any { return new(AlertCreate) },
	"CheckInBatch":      func() any { return new(CheckInBatch) },
	"PersonUpdate":      func() any { return new(PersonUpdate) },
}

func FuzzWhatIsAcceptedDecodes(f *testing.F) {
	contract, err := LoadContract(contractBytes(f))
	if err != nil {
		f.Fatal(err)
	}
	for _, operation := range contract.operations {
		if operation.mediaType == typeJSON {
			eachExample(operation.described.RequestBody.Value.Content.Get(typeJSON), func(_ string, value any) {
				body, _ := json.Marshal(value)
				f.Add(body)
			})
		}
	}
	for _, seed := range []string{`{"id":"\u0000"}`, `{"ID":1,"id":1}`, `[[[[`, `{"a":1e400}`, `{"ttl_s":1e2}`, "\xff", `{"items":[{}]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for name, fresh := range into {
			err := contract.CheckBody(name, body)
			var ours *models.Error
			if errors.As(err, &ours) {
				if len(ours.Fields) == 0 || len(ours.Fields) > maxFieldErrors {
					t.Fatalf("%s: %d fields", name, len(ours.Fields))
				}
				for _, field := range ours.Fields {
					if !utf8.ValidString(field.Field) {
						t.Fatalf("%s: field %q", name, field.Field)
					}
				}
				if (ours.Code == models.CodeInvalidJSON) && ours.Fields[0].Code == models.FieldFormat && json.Valid(body) {
					t.Fatalf("%s: valid JSON called broken: %v", name, ours)
				}
				continue
			}
			if !json.Valid(body) {
				t.Fatalf("%s: accepted what is no JSON", name)
			}
			value := fresh()
			decoder := json.NewDecoder(bytes.NewReader(body))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(value); err != nil {
				t.Fatalf("%s: accepted and not decoded: %v", name, err)
			}
		}
	})
}

func fiftyItems() []byte {
	var body bytes.Buffer
	body.WriteString(`{"items":[`)
	for at := range 50 {
		if at > 0 {
			body.WriteByte(',')
		}
		fmt.Fprintf(&body, `{"id":"01939c1e-8a00-7000-8000-%012d","checkpoint_id":%q,"method":"gps","position":{"lat":30.5201,"lng":105.6012,"crs":"WGS84","accuracy_m":8},"captured_at":%q,"note":"商业中心一切正常"}`,
			at, someID, someStamp)
	}
	body.WriteString(`]}`)
	return body.Bytes()
}

func BenchmarkCheckBatchOf50(b *testing.B) {
	contract, err := LoadContract(contractBytes(b))
	if err != nil {
		b.Fatal(err)
	}
	body := fiftyItems()
	schema := contract.document.Components.Schemas["CheckInBatch"].Value
	var batch CheckInBatch
	if err := json.Unmarshal(body, &batch); err != nil {
		b.Fatal(err)
	}
	b.Run("checker", func(b *testing.B) { // the whole body, and then each item as a handler does
		b.ReportAllocs()
		for b.Loop() {
			if err := contract.CheckBody("CheckInBatch", body); err != nil {
				b.Fatal(err)
			}
			for _, item := range batch.Items {
				if wrong := contract.CheckItem("CheckInItem", item); wrong != nil {
					b.Fatal(wrong)
				}
			}
		}
	})
	b.Run("kin-openapi", func(b *testing.B) { // which needs the body decoded into maps
		b.ReportAllocs()
		for b.Loop() {
			var value any
			if err := json.Unmarshal(body, &value); err != nil {
				b.Fatal(err)
			}
			if err := schema.VisitJSON(value); err != nil {
				b.Fatal(err)
			}
		}
	})
}
