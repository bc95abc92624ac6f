# The rewriter: form by form, and what it makes of whole programs.
$(eval $(call san_test,rewrite-forms,tests/rewrite/forms_test.c $(REWRITE_SOURCES),-lcmocka))
$(eval $(call fuzzer,rewrite,tests/rewrite/rewrite_fuzz.c $(REWRITE_SOURCES)))
