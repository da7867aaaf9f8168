"""What pages share: access, forms, errors, navigation, lists, page parts, layout, headers, logs."""
