package handlers_test

var receiptUploadProbes = joined(tusProbes("ReceiptUpload", "/v1/receipt/uploads"), map[string]probe{
	"createReceiptUpload": plain(func(*stage, *caller) asked {
		return post(nil, "/v1/receipt/uploads").tus("Upload-Length", "9")
	}),
})
