"""The twin 数字孪生: city folders in; a map, a dossier per building, tables and downloads out."""
