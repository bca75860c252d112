package handlers_test

import (
	"net/http"
)

var receiptUploadProbes = map[string]probe{
	"createReceiptUpload": plain(func(*stage, *caller) asked {
		return post(nil, "/v1/receipt/uploads").tus("Upload-Length", "9")
	}),
	"headReceiptUpload": about(func(s *stage, who *caller, at column) asked {
		return asked{method: http.MethodHead, path: "/v1/receipt/uploads/" + string(s.upload(who, at, nil))}.tus()
	}),
	"patchReceiptUpload": about(func(s *stage, who *caller, at column) asked {
		return asked{
			method: http.MethodPatch, path: "/v1/receipt/uploads/" + string(s.upload(who, at, nil)),
			body: rawBody{Type: "application/offset+octet-stream", Text: []byte("some")},
		}.tus("Upload-Offset", "0")
	}),
	"deleteReceiptUpload": about(func(s *stage, who *caller, at column) asked {
		return remove("/v1/receipt/uploads/%s", s.upload(who, at, nil)).tus()
	}),
	"finishReceiptUpload": about(func(s *stage, who *caller, at column) asked {
		return post(nil, "/v1/receipt/uploads/%s/media", s.upload(who, at, tinyPNG()))
	}),
}
